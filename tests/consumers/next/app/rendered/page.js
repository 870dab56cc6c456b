import { ExtractaClient } from "extracta-wasm";

export default async function Page() {
  const client = new ExtractaClient({ baseUrl: process.env.EXTRACTA_URL, token: process.env.EXTRACTA_API_KEY });
  const { done, files } = await client.pollUntilDone({ extractionId: "invoices", batchId: "waits-2" });
  return <output>{JSON.stringify({ done, files: files.map(({ status }) => status) })}</output>;
}
