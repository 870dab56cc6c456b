import { ExtractaClient } from "extracta-wasm";
import { useEffect, useState } from "react";

const { api: baseUrl, token } = Object.fromEntries(new URLSearchParams(location.search));
const client = new ExtractaClient({ baseUrl, token });

export default function App() {
  const [report, setReport] = useState();
  useEffect(() => {
    const attempts = [];
    const watch = client.watch({ extractionId: "invoices", batchId: "waits-2" }, { onProgress: ({ attempt }) => attempts.push(attempt) });
    watch.result.then(({ done, files }) => setReport(JSON.stringify({ attempts, done, files: files.map(({ status }) => status) })), console.debug);
    return () => watch.cancel();
  }, []);
  return <output>{report}</output>;
}
