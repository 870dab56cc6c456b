"use client";

import { ExtractaClient } from "extracta-wasm";
import { useEffect, useState } from "react";

export default function Page() {
  const [report, setReport] = useState();
  useEffect(() => {
    const attempts = [];
    const onProgress = ({ attempt }) => attempts.push(attempt);
    const finished = ({ done, files }) => setReport(JSON.stringify({ attempts, done, files: files.map(({ status }) => status) }));
    new ExtractaClient({ baseUrl: "/api/extracta" }).pollUntilDone({ extractionId: "invoices", batchId: "waits-2" }, { onProgress }).then(finished);
  }, []);
  return <output>{report}</output>;
}
