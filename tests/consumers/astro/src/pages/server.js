import { ExtractaClient } from "extracta-wasm";

export const prerender = false;

export async function GET({ url }) {
  const { api, token } = Object.fromEntries(url.searchParams);
  const client = new ExtractaClient({ baseUrl: api, token });
  const attempts = [];
  const batch = { extractionId: "invoices", batchId: "waits-2" };
  const { done, files } = await client.pollUntilDone(batch, { onProgress: ({ attempt }) => attempts.push(attempt) });
  return Response.json({ attempts, done, files: files.map(({ status }) => status) });
}
