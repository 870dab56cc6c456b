import { env } from "cloudflare:workers";
import { ExtractaClient } from "extracta-wasm";

const client = new ExtractaClient({ baseUrl: env.EXTRACTA_URL, token: env.EXTRACTA_API_KEY });

export default {
  async fetch() {
    const attempts = [];
    const batch = { extractionId: "invoices", batchId: "waits-2" };
    const { done, files } = await client.pollUntilDone(batch, { onProgress: ({ attempt }) => attempts.push(attempt) });
    return Response.json({ attempts, done, files: files.map(({ status }) => status) });
  },
};
