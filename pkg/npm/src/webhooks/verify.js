// Whether a delivery comes from who knows the secret, and what it says.
import { decoder, encoder } from "../text.js";
import { bytesOf, signatureOf } from "./delivery.js";
import { own } from "../own.js";
import { WebhookError } from "./error.js";
import { eventOf } from "./event.js";
import { keysOf } from "./hmac.js";
import { partsOf } from "./parts.js";

const keyOf = keysOf((secret) => encoder().encode(secret));

export function verifyWebhook(delivery, options) {
  return verified(delivery, () => settingsOf(options));
}

/** The same with options that were looked at before. */
export async function verified(delivery, settings) {
  const { secrets, maxBodyBytes, acceptRewritten } = settings();
  const signature = signatureOf(delivery);
  const { event, result, rest } = partsOf(await bytesOf(delivery, maxBodyBytes));
  // What is signed is the `result` as the sender's JSON.stringify writes it, and that is how it stands in the body. Nothing of it
  // is parsed before it is known who wrote it: a list of empty objects takes thirty times its bytes, and a second for four million.
  let signed = result;
  if (!(await isSigned(signed, signature, secrets))) {
    signed = acceptRewritten ? rewriteOf(result) : undefined;
    if (!signed || !(await isSigned(signed, signature, secrets))) {
      throw new WebhookError("SIGNATURE_MISMATCH", "The signature fits none of the secrets: refuse the request, or see whether `secret` is the dashboard's.");
    }
  }
  rest();
  // Read from the very bytes that are signed.
  return eventOf(event, listOf(signed), await idOf(event, signed));
}

/** Options as they are used, or what is wrong with them. */
export function settingsOf(options) {
  const { secret, maxBodyBytes = 5_000_000, acceptRewritten = false } = own(options, ["secret", "maxBodyBytes", "acceptRewritten"]);
  const list = Array.isArray(secret) ? secret : [secret];
  // As the sender does: of more than one, JavaScript's `replace` takes out the first.
  const secrets = list.map((one) => (typeof one === "string" ? one.replace("E_AI_K_", "") : ""));
  if (secrets.length === 0 || secrets.includes("")) {
    throw new WebhookError("INVALID_OPTION", "secret must be the webhook's secret from the dashboard, a string that is not empty, or a list of such strings.");
  }
  // Copied along, or read from a file: no signature would ever fit.
  if (secrets.some((one) => /[\s\p{Cc}]/u.test(one))) {
    throw new WebhookError("INVALID_OPTION", "secret must not contain spaces or line breaks: trim what was copied or read from a file.");
  }
  if (!Number.isInteger(maxBodyBytes) || maxBodyBytes < 1) {
    throw new WebhookError("INVALID_OPTION", "maxBodyBytes must be a whole number, at least 1.");
  }
  if (typeof acceptRewritten !== "boolean") throw new WebhookError("INVALID_OPTION", "acceptRewritten must be true or false.");
  return { secrets, maxBodyBytes, acceptRewritten };
}

/** What JSON.stringify makes of a list that something on the way wrote anew. */
function rewriteOf(result) {
  try {
    return encoder().encode(JSON.stringify(JSON.parse(decoder().decode(result))));
  } catch {
    return undefined; // No JSON, or too deep for the sender's JSON.stringify as well.
  }
}

function listOf(signed) {
  try {
    return JSON.parse(decoder().decode(signed));
  } catch {
    throw new WebhookError("MALFORMED", "The body has a `result` that is not JSON, though signed: refuse it.");
  }
}

async function isSigned(bytes, signature, secrets) {
  for (const secret of secrets) {
    if (await crypto.subtle.verify("HMAC", await keyOf(secret), signature, bytes)) return true;
  }
  return false;
}

/** The same for the same event about the same content, and nothing of the content to be read from it. */
async function idOf(event, signed) {
  const head = encoder().encode(`${event}\n`);
  const bytes = new Uint8Array(head.length + signed.length);
  bytes.set(head);
  bytes.set(signed, head.length);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
