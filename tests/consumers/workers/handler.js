import { ExtractaClient } from "extracta-wasm";

export default {
  async fetch(request, env) {
    const client = new ExtractaClient({ baseUrl: env.EXTRACTA_URL, token: env.EXTRACTA_API_KEY });
    const attempts = [];
    const batch = { extractionId: "invoices", batchId: "waits-2" };
    const { done, files } = await client.pollUntilDone(batch, { onProgress: ({ attempt }) => attempts.push(attempt) });
    return Response.json({ attempts, done, files: files.map(({ status }) => status) });
  },
};
