import wasm from "extracta-wasm/extracta_wasm.wasm";
import { ExtractaClient, init } from "extracta-wasm/slim";

export default {
  async fetch(request, env) {
    await init(wasm);
    const client = new ExtractaClient({ baseUrl: env.EXTRACTA_URL, token: env.EXTRACTA_API_KEY });
    const attempts = [];
    const batch = { extractionId: "invoices", batchId: "waits-2" };
    const { done, files } = await client.pollUntilDone(batch, { onProgress: ({ attempt }) => attempts.push(attempt) });
    return Response.json({ attempts, done, files: files.map(({ status }) => status) });
  },
};
