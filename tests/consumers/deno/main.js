import { ExtractaClient } from "extracta-wasm";

const [baseUrl, token] = Deno.args;
const client = new ExtractaClient({ baseUrl, token });
const attempts = [];
const { done, files } = await client.pollUntilDone(
  { extractionId: "invoices", batchId: "waits-2" },
  { onProgress: ({ attempt }) => attempts.push(attempt) },
);
console.log(JSON.stringify({ attempts, done, files: files.map(({ status }) => status) }));
