// Signatures of deliveries, by the Standard Webhooks specification: HMAC-SHA256 over id, timestamp and the exact bytes of
// the body. Receivers may verify them with any of its libraries.
import { own } from "../own.js";
import { decoder, encoder } from "../text.js";
import { bytesOf, header, signatureBytes } from "./delivery.js";
import { keysOf } from "./hmac.js";

const PREFIX = "whsec_";
const VERSION = "v1,";

// A delivery has one signature for each secret that is in use at the time: who changes one has two.
const MOST_SIGNATURES = 8;

const keyOf = keysOf(secretBytes);

// The headers to send with a body.
export async function signed(id, body, secret, now = Date.now()) {
  const timestamp = String(Math.floor(now / 1000));
  const signature = await signatureFor(id, timestamp, encoder().encode(body), secret);
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": VERSION + btoa(String.fromCharCode(...signature)),
  };
}

// What a request delivers that was signed with the secret, or undefined. The same id may come more than
// once: whoever must act once remembers the ids. Whatever the headers tell to be wrong costs no look at the body.
export async function verifyDelivery(request, secret, options) {
  const { toleranceMs = 300_000, maxBodyBytes = 25_000_000 } = own(options, ["toleranceMs", "maxBodyBytes"]);
  secretBytes(secret);
  if (!(toleranceMs >= 0)) throw new TypeError("toleranceMs must be a number of milliseconds, at least 0.");
  if (!Number.isInteger(maxBodyBytes) || maxBodyBytes < 1) throw new TypeError("maxBodyBytes must be a whole number, at least 1.");
  const [id, timestamp, signatures] = ["id", "timestamp", "signature"].map((name) => header(request, `webhook-${name}`));
  if (!id || !/^\d{1,12}$/.test(timestamp ?? "") || !signatures) return undefined;
  if (Math.abs(Date.now() - Number(timestamp) * 1000) > toleranceMs) return undefined;
  const offered = offeredIn(signatures);
  if (offered.length === 0) return undefined;
  const body = await bytesOf(request, maxBodyBytes);
  const right = await signatureFor(id, timestamp, body, secret);
  if (!offered.some((signature) => isSame(signature, right))) return undefined;
  return JSON.parse(decoder(false).decode(body));
}

function offeredIn(signatures) {
  const ours = signatures.split(" ", 4 * MOST_SIGNATURES).filter((signature) => signature.startsWith(VERSION));
  return ours.slice(0, MOST_SIGNATURES).flatMap((signature) => signatureBytes(signature.slice(VERSION.length)) ?? []);
}

// Takes the same time wherever they differ.
function isSame(one, other) {
  let difference = 0;
  for (let at = 0; at < other.length; at++) difference |= one[at] ^ other[at];
  return difference === 0;
}

async function signatureFor(id, timestamp, body, secret) {
  const key = await keyOf(secret);
  const head = encoder().encode(`${id}.${timestamp}.`);
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes));
}

// What the key of a secret is made of.
export function secretBytes(secret) {
  if (typeof secret === "string" && /\s/.test(secret)) {
    throw new TypeError("The secret has a space or a line break: trim what was copied or read from a file.");
  }
  const bytes = typeof secret === "string" && secret.startsWith(PREFIX) && fromBase64(secret.slice(PREFIX.length));
  if (bytes && bytes.length >= 24 && bytes.length <= 64) return bytes;
  throw new TypeError(`The secret must be ${PREFIX} and 24 to 64 random bytes in base64.`);
}

function fromBase64(text) {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
