// Whether a delivery comes from who knows the secret, and what it says.
import { signatureOf, textOf } from "./delivery.js";
import { WebhookError } from "./error.js";
import { eventOf } from "./event.js";
import { membersOf } from "./members.js";

const HMAC = { name: "HMAC", hash: "SHA-256" };
const encoder = new TextEncoder();

export async function verifyWebhook(delivery, options) {
  const { secrets, maxBodyBytes } = settingsOf(options);
  const signature = signatureOf(delivery);
  const { event, result, written } = read(await textOf(delivery, maxBodyBytes));
  // What is signed is the `result` as the sender's JSON.stringify writes it. That is how it stands in the body, unless
  // something on the way wrote it anew; then it is what JSON.stringify makes of it here.
  if (await isSigned(written, signature, secrets)) return eventOf(event, result, await idOf(event, written));
  const rewritten = rewriteOf(result);
  if (rewritten !== undefined && rewritten !== written && (await isSigned(rewritten, signature, secrets))) {
    // Read from the very text that is signed: of what JSON.stringify leaves out, nobody knows who wrote it.
    return eventOf(event, JSON.parse(rewritten), await idOf(event, rewritten));
  }
  throw new WebhookError("SIGNATURE_MISMATCH", "The signature fits none of the secrets: refuse the request, or see whether `secret` is the dashboard's.");
}

/** Options as they are used, or what is wrong with them. */
export function settingsOf({ secret, maxBodyBytes = 25_000_000 } = {}) {
  const list = Array.isArray(secret) ? secret : [secret];
  // As the sender does: of more than one, JavaScript's `replace` takes out the first.
  const secrets = list.map((one) => (typeof one === "string" ? one.replace("E_AI_K_", "") : ""));
  if (secrets.length === 0 || secrets.includes("")) {
    throw new WebhookError("INVALID_OPTION", "secret must be the webhook's secret of the dashboard, a text that is not empty, or a list of such.");
  }
  if (!Number.isInteger(maxBodyBytes) || maxBodyBytes < 1) {
    throw new WebhookError("INVALID_OPTION", "maxBodyBytes must be a whole number, at least 1.");
  }
  return { secrets, maxBodyBytes };
}

function read(body) {
  const malformed = (what) => new WebhookError("MALFORMED", `The body ${what}: refuse it.`);
  let parsed;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw malformed("is not JSON");
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw malformed("is not a JSON object");
  const members = membersOf(body);
  const [event, result] = ["event", "result"].map((name) => {
    const values = members.filter(([member]) => member === name);
    // With two of a name, what is signed could be one and what is read the other.
    if (values.length !== 1) throw malformed(`has ${values.length === 0 ? "no" : "more than one"} member ${name}`);
    return values[0][1];
  });
  // Visible letters, as names go into logs, and not many, as nobody signs them.
  if (typeof parsed.event !== "string" || !/^[!-~]{1,100}$/.test(parsed.event)) throw malformed("has an `event` that is not a name");
  if (!Array.isArray(parsed.result)) throw malformed("has a `result` that is not a list");
  return { event: parsed.event, result: parsed.result, written: result };
}

function rewriteOf(result) {
  try {
    return JSON.stringify(result);
  } catch {
    return undefined; // Too deep for it, and so for the sender's.
  }
}

async function isSigned(text, signature, secrets) {
  const message = encoder.encode(text);
  for (const secret of secrets) {
    const key = await crypto.subtle.importKey("raw", encoder.encode(secret), HMAC, false, ["verify"]);
    if (await crypto.subtle.verify("HMAC", key, signature, message)) return true;
  }
  return false;
}

/** The same for the same event about the same content, and nothing of the content to be read from it. */
async function idOf(event, text) {
  const digest = await crypto.subtle.digest("SHA-256", encoder.encode(`${event}\n${text}`));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
