import { env } from "cloudflare:workers";
import { ExtractaClient } from "extracta-wasm";
import { WebhookReceiver } from "extracta-wasm/webhooks";

const client = new ExtractaClient({ baseUrl: env.EXTRACTA_URL, token: env.EXTRACTA_API_KEY });
const hooks = new WebhookReceiver({ secret: env.EXTRACTA_WEBHOOK_SECRET });

export default {
  async fetch(request) {
    if (request.method === "POST") return hooks.handle(request);
    // No poll comes by itself: one request waits for what another reports.
    const attempts = [];
    const batch = { extractionId: "invoices", batchId: "waits-2" };
    const options = { intervalMs: 86_400_000, onProgress: ({ attempt }) => attempts.push(attempt) };
    const { done, files } = await hooks.follow(client.watch(batch, options), batch).result;
    return Response.json({ attempts, done, files: files.map(({ status }) => status) });
  },
};
