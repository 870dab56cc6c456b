"use client";

import { ExtractaClient } from "extracta-wasm";
import { useEffect, useState } from "react";

export default function Page() {
  const [report, setReport] = useState();
  useEffect(() => {
    const { api, token } = Object.fromEntries(new URLSearchParams(location.search));
    const attempts = [];
    const batch = { extractionId: "invoices", batchId: "waits-2" };
    const client = new ExtractaClient({ baseUrl: api, token });
    client.pollUntilDone(batch, { onProgress: ({ attempt }) => attempts.push(attempt) }).then(({ done, files }) => {
      setReport(JSON.stringify({ attempts, done, files: files.map(({ status }) => status) }));
    });
  }, []);
  return <output>{report}</output>;
}
