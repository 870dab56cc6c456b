import { ExtractaClient } from "extracta-wasm";
import { useEffect, useState } from "react";

const { api, token } = Object.fromEntries(new URLSearchParams(location.search));
const client = new ExtractaClient({ baseUrl: api, token });

export default function App() {
  const [report, setReport] = useState();
  useEffect(() => {
    const [attempts, controller] = [[], new AbortController()];
    const options = { signal: controller.signal, onProgress: ({ attempt }) => attempts.push(attempt) };
    client.pollUntilDone({ extractionId: "invoices", batchId: "waits-2" }, options).then(({ done, files }) => {
      setReport(JSON.stringify({ attempts, done, files: files.map(({ status }) => status) }));
    }, (error) => error === controller.signal.reason || setReport(String(error)));
    return () => controller.abort();
  }, []);
  return <output>{report}</output>;
}
