import { ExtractaClient } from "extracta-wasm";

export async function clientLoader({ request }) {
  const { api, token } = Object.fromEntries(new URL(request.url).searchParams);
  const client = new ExtractaClient({ baseUrl: api, token });
  const attempts = [];
  const batch = { extractionId: "invoices", batchId: "waits-2" };
  const { done, files } = await client.pollUntilDone(batch, { signal: request.signal, onProgress: ({ attempt }) => attempts.push(attempt) });
  return { attempts, done, files: files.map(({ status }) => status) };
}

export default function Page({ loaderData }) {
  return <output>{JSON.stringify(loaderData)}</output>;
}
