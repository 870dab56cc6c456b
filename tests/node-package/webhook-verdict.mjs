// What becomes of a delivery.
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { isWebhookError, verifyWebhook } from "extracta-wasm/webhooks";
import { rejection } from "./standin.mjs";
import { SECRET } from "./webhook-sender.mjs";

/** The event of a delivery that is verified. */
export function verify(sent, options) {
  return verifyWebhook(sent, { secret: SECRET, ...options });
}

/** The code that a delivery is refused with. */
export async function refusal(sent, options) {
  const error = await rejection(verify(sent, options));
  assert.ok(isWebhookError(error), inspect(error));
  return error.code;
}
