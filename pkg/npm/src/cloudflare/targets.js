// Where a finished batch goes: a callback URL, a Queue or an R2 bucket. A target names what it needs of `env` and holds no
// secret itself, as it is stored.
import { DeliveryError } from "./delivery-error.js";
import { secretBytes, signed } from "../webhooks/standard.js";

// The most that a queue takes of one message, and some of that is its own.
const QUEUE_LIMIT_BYTES = 128_000;
const QUEUE_OVERHEAD_BYTES = 1_000;

const KINDS = { callback: toCallback, queue: toQueue, bucket: toBucket };

// Complains at once of a target that could never work.
export function checkTarget(target, env) {
  const kind = kindOf(target);
  if (kind === "callback") {
    if (!isSafe(target.callback)) throw new TypeError("deliver.callback must be an https URL, or an http one of this machine.");
    if (!env[target.secret]) throw new TypeError("deliver.secret must be the name of a secret of the Worker.");
    secretBytes(env[target.secret]);
  } else if (!env[target[kind]]) {
    throw new TypeError(`deliver.${kind} must be the name of a binding of the Worker.`);
  }
}

// Delivers `{ id, batch, results }` or `{ id, batch, error }` and resolves once it was acknowledged.
export function deliverTo(target, delivery, { env, signal }) {
  return KINDS[kindOf(target)](target, delivery, { env, signal });
}

function kindOf(target) {
  const [kind, ...others] = Object.keys(KINDS).filter((kind) => typeof target?.[kind] === "string");
  if (kind && others.length === 0) return kind;
  throw new TypeError("deliver must have one of callback (a URL), queue and bucket (names of bindings).");
}

async function toCallback({ callback, secret }, delivery, { env, signal }) {
  const body = JSON.stringify(delivery);
  const headers = { "content-type": "application/json", ...(await signed(delivery.id, body, env[secret])) };
  let answer;
  try {
    answer = await fetch(callback, { method: "POST", headers, body, signal, redirect: "manual" });
  } catch {
    throw new DeliveryError("The callback could not be reached.");
  }
  // Unread, it would hold its connection.
  await answer.body?.cancel();
  if (answer.status >= 300 && answer.status < 400) throw new DeliveryError("The callback redirects, which is not followed.");
  if (!answer.ok) throw new DeliveryError(`The callback answered ${answer.status}.`);
}

async function toQueue({ queue }, delivery, { env }) {
  const bytes = new TextEncoder().encode(JSON.stringify(delivery)).length;
  if (bytes > QUEUE_LIMIT_BYTES - QUEUE_OVERHEAD_BYTES) {
    throw new DeliveryError(`The results are ${bytes} bytes, more than a queue takes (128 KB): deliver to a bucket.`, { final: true });
  }
  await env[queue].send(delivery, { contentType: "json" });
}

async function toBucket({ bucket, prefix = "" }, delivery, { env }) {
  await env[bucket].put(`${prefix}${delivery.id}`, JSON.stringify(delivery), { httpMetadata: { contentType: "application/json" } });
}

function isSafe(text) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === "https:" || (url?.protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname));
}
