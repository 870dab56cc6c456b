import { env } from "cloudflare:workers";
import { ExtractaClient } from "extracta-wasm";

const client = new ExtractaClient({ baseUrl: env.EXTRACTA_URL, token: env.EXTRACTA_API_KEY });
let watch;

export default {
  async fetch(request) {
    // One request waits for what others say.
    if (request.method === "POST") return Response.json(watch.nudge() ?? "nudged");
    if (request.method === "DELETE") return Response.json(watch.cancel() ?? "cancelled");
    const attempts = [];
    const batch = { extractionId: "invoices", batchId: new URL(request.url).searchParams.get("batch") };
    watch = client.watch(batch, { intervalMs: 86_400_000, onProgress: ({ attempt }) => attempts.push(attempt) });
    const { done, files, name } = await watch.result.catch((error) => error);
    return Response.json({ attempts, done, files: files?.map(({ status }) => status), name });
  },
};
