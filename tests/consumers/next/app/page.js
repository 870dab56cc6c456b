"use client";

import { ExtractaClient } from "extracta-wasm";
import { useEffect, useState } from "react";

export default function Page() {
  const [report, setReport] = useState();
  useEffect(() => {
    const { api, token } = Object.fromEntries(new URLSearchParams(location.search));
    const attempts = [];
    const onProgress = ({ attempt }) => attempts.push(attempt);
    const finished = ({ done, files }) => setReport(JSON.stringify({ attempts, done, files: files.map(({ status }) => status) }));
    new ExtractaClient({ baseUrl: api, token }).pollUntilDone({ extractionId: "invoices", batchId: "waits-2" }, { onProgress }).then(finished);
  }, []);
  return <output>{report}</output>;
}
