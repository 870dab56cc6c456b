import { json } from "@sveltejs/kit";
import { ExtractaClient } from "extracta-wasm";

export async function GET({ url }) {
  const { api, token } = Object.fromEntries(url.searchParams);
  const client = new ExtractaClient({ baseUrl: api, token });
  const attempts = [];
  const batch = { extractionId: "invoices", batchId: "waits-2" };
  const { done, files } = await client.pollUntilDone(batch, { onProgress: ({ attempt }) => attempts.push(attempt) });
  return json({ attempts, done, files: files.map(({ status }) => status) });
}
