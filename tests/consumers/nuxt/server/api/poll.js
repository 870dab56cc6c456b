import { ExtractaClient } from "extracta-wasm";

export default defineEventHandler(async (event) => {
  const { api, token } = getQuery(event);
  const client = new ExtractaClient({ baseUrl: api, token });
  const attempts = [];
  const batch = { extractionId: "invoices", batchId: "waits-2" };
  const { done, files } = await client.pollUntilDone(batch, { onProgress: ({ attempt }) => attempts.push(attempt) });
  return { attempts, done, files: files.map(({ status }) => status) };
});
