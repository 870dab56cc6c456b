import { ExtractaClient } from "extracta-wasm";

const { api, token } = Object.fromEntries(new URLSearchParams(location.search));
const client = new ExtractaClient({ baseUrl: api, token });
const attempts = [];
const batch = { extractionId: "invoices", batchId: "waits-2" };
client.pollUntilDone(batch, { onProgress: ({ attempt }) => attempts.push(attempt) }).then(({ done, files }) => {
  const report = { attempts, done, files: files.map(({ status }) => status) };
  document.querySelector("output").textContent = JSON.stringify(report);
});
