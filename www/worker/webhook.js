import { WebhookReceiver } from "extracta-wasm/webhooks";
import { pollsOf } from "./polls.js";
import { Refused } from "./refused.js";

/** One for all requests of an isolate: it knows what came before. */
let receiver;

/** Only the ids of what is delivered are wanted here, and a Worker has 128 MB: a larger delivery is left to the polls. */
const MAX_BODY_BYTES = 1_000_000;

/** Extracta's webhook: a verified event has the polls of its batches ask at once. They are the safety net for the rest. */
export async function receiveWebhook(path, request, env) {
  if (path !== "") throw new Refused(404, "There is nothing at this address.");
  if (request.method !== "POST") throw new Refused(405, "Only POST is answered here.", { allow: "POST" });
  const secret = (env.EXTRACTA_WEBHOOK_SECRET ?? "").trim();
  if (secret === "") throw new Refused(404, "No webhook is set up: wrangler secret put EXTRACTA_WEBHOOK_SECRET");
  receiver ??= new WebhookReceiver({ secret, maxBodyBytes: MAX_BODY_BYTES });
  return receiver.handle(request, async ({ batches }) => {
    const polls = pollsOf(env);
    await Promise.all(batches.map(({ extractionId, batchId }) => polls.nudge({ extractionId, batchId })));
  });
}
