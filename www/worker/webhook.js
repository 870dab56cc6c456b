import { WebhookReceiver } from "extracta-wasm/webhooks";
import { pollsOf } from "./polls.js";
import { Refused } from "./refused.js";

/** Extracta's webhook: a verified event has the polls of its batches ask at once. They are the safety net for the rest. */
export async function receiveWebhook(path, request, env) {
  if (path !== "") throw new Refused(404, "There is nothing at this address.");
  if (request.method !== "POST") throw new Refused(405, "Only POST is answered here.", { allow: "POST" });
  const secret = (env.EXTRACTA_WEBHOOK_SECRET ?? "").trim();
  if (secret === "") throw new Refused(404, "No webhook is set up: wrangler secret put EXTRACTA_WEBHOOK_SECRET");
  return new WebhookReceiver({ secret }).handle(request, async ({ batches }) => {
    const polls = pollsOf(env);
    await Promise.all(batches.map(({ extractionId, batchId }) => polls.nudge({ extractionId, batchId })));
  });
}
