// Signatures of deliveries, by the Standard Webhooks specification: HMAC-SHA256 over id, timestamp and the exact bytes of
// the body. Receivers may verify them with any of its libraries.

const PREFIX = "whsec_";
const VERSION = "v1,";
const encoder = new TextEncoder();

// The headers to send with a body.
export async function signed(id, body, secret, now = Date.now()) {
  const timestamp = String(Math.floor(now / 1000));
  const signature = await crypto.subtle.sign("HMAC", await keyOf(secret, "sign"), message(id, timestamp, encoder.encode(body)));
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": VERSION + btoa(String.fromCharCode(...new Uint8Array(signature))),
  };
}

// What a request delivers that was signed with the secret, or undefined. The same id may come more than
// once: whoever must act once remembers the ids.
export async function verifyDelivery(request, secret, { toleranceMs = 300_000 } = {}) {
  const [id, timestamp, signatures] = ["id", "timestamp", "signature"].map((name) => request.headers.get(`webhook-${name}`));
  const body = new Uint8Array(await request.arrayBuffer());
  if (!id || !/^\d{1,12}$/.test(timestamp ?? "") || !signatures) return undefined;
  if (Math.abs(Date.now() - Number(timestamp) * 1000) > toleranceMs) return undefined;
  const key = await keyOf(secret, "verify");
  const signedBytes = message(id, timestamp, body);
  for (const signature of signatures.split(" ")) {
    const bytes = signature.startsWith(VERSION) && fromBase64(signature.slice(VERSION.length));
    // Compares in constant time.
    if (bytes && (await crypto.subtle.verify("HMAC", key, bytes, signedBytes))) {
      return JSON.parse(new TextDecoder().decode(body));
    }
  }
  return undefined;
}

function message(id, timestamp, body) {
  const head = encoder.encode(`${id}.${timestamp}.`);
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}

function keyOf(secret, usage) {
  return crypto.subtle.importKey("raw", secretBytes(secret), { name: "HMAC", hash: "SHA-256" }, false, [usage]);
}

// The key that a secret is.
export function secretBytes(secret) {
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
