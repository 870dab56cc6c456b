// Where a finished batch goes: a callback URL, a Queue or an R2 bucket. A target names what it needs of `env` and holds no
// secret itself, as it is stored.
import { bare } from "../own.js";
import { DeliveryError } from "./delivery-error.js";
import { isPublic } from "./addresses.js";
import { secretBytes, signed } from "../webhooks/standard.js";

// The most that a queue takes of one message, and some of that is its own.
const QUEUE_LIMIT_BYTES = 128_000;
const QUEUE_OVERHEAD_BYTES = 1_000;

// What a binding of each kind must have, to be one.
const METHODS = { queue: "send", bucket: "put" };

// The key of an object in a bucket may have 1 024 bytes, and an id takes 200 of them.
const LONGEST_PREFIX = 200;

const LOCAL = ["127.0.0.1", "localhost", "[::1]"];

const KINDS = { callback: toCallback, queue: toQueue, bucket: toBucket };

// Complains at once of a target that could never work. Local addresses are for development, and for tests.
export function checkTarget(given, env, { allowLocal = false }) {
  const target = bare(given);
  const kind = kindOf(target);
  if (kind === "callback") {
    checkCallback(target.callback, allowLocal);
    // Its own members only: every object has a `toString`.
    const secret = own(env, target.secret);
    if (typeof secret !== "string") throw new TypeError("deliver.secret must be the name of a secret of the Worker.");
    secretBytes(secret);
  } else if (typeof own(env, target[kind])?.[METHODS[kind]] !== "function") {
    throw new TypeError(`deliver.${kind} must be the name of a binding of the Worker.`);
  }
  if (target.prefix !== undefined && (typeof target.prefix !== "string" || target.prefix.length > LONGEST_PREFIX)) {
    throw new TypeError(`deliver.prefix must be a string of at most ${LONGEST_PREFIX} characters.`);
  }
}

// What deliveries to the same place have in common: if one of them fails, so may the others.
export function targetKey(target, isOwn) {
  if (isOwn) return `own ${JSON.stringify(target ?? null)}`;
  const kind = kindOf(bare(target));
  return `${kind} ${kind === "callback" ? new URL(target.callback).origin : target[kind]}`;
}

// Delivers `{ id, batch, results }` or `{ id, batch, error }` and resolves once it was acknowledged.
export function deliverTo(target, delivery, { env, signal, allowLocal }) {
  try {
    checkTarget(target, env, { allowLocal });
  } catch ({ message }) {
    // A secret or binding that is not there may come back.
    throw new DeliveryError(message);
  }
  return KINDS[kindOf(bare(target))](bare(target), delivery, { env, signal });
}

function kindOf(target) {
  const [kind, ...others] = Object.keys(KINDS).filter((kind) => typeof target[kind] === "string");
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

function checkCallback(text, allowLocal) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url !== undefined && LOCAL.includes(url.hostname);
  if (!(url?.protocol === "https:" || (allowLocal && isLocal && url?.protocol === "http:"))) {
    throw new TypeError("deliver.callback must be an https URL.");
  }
  // They would be stored, and sent to whoever answers there.
  if (url.username || url.password) throw new TypeError("deliver.callback must be a URL without user and password.");
  if (!isPublic(url.hostname) && !(allowLocal && isLocal)) {
    throw new TypeError("deliver.callback must be a public address, not one of a private network or of this machine.");
  }
}

function own(env, name) {
  return typeof name === "string" && Object.hasOwn(env, name) ? env[name] : undefined;
}
