import { ExtractaClient, init } from "extracta-wasm/slim";

await init(new URL("npm:extracta-wasm/dist/extracta_wasm.wasm", import.meta.url));
const { api, token } = Object.fromEntries(new URLSearchParams(location.search));
const client = new ExtractaClient({ baseUrl: api, token });
const attempts = [];
const { done, files } = await client.pollUntilDone(
  { extractionId: "invoices", batchId: "waits-2" },
  { onProgress: ({ attempt }) => attempts.push(attempt) },
);
document.querySelector("output").textContent = JSON.stringify({ attempts, done, files: files.map(({ status }) => status) });
