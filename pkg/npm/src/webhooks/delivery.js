// A request as a server hands it over, its signature and its body: a `Request`, or anything of headers and a raw body, Node's
// and Express's requests among them.
import { own } from "../own.js";
import { encoder } from "../text.js";
import { WebhookError } from "./error.js";

const HANDOVER = "Hand over a Request, a Node request, or an object of headers and the raw body.";

/** How much room is made for a body that is only announced. */
const MOST_AT_FIRST = 1_000_000;

/** The 32 bytes of HMAC-SHA256 in base64, whose last letter has two bits to spare: only one spelling of them is right. */
const SIGNATURE = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

export function signatureOf(delivery) {
  const signature = header(delivery, "x-webhook-signature");
  if (!signature) {
    throw new WebhookError("SIGNATURE_MISSING", "The request has no x-webhook-signature header: refuse it, as anybody can have sent it.");
  }
  const bytes = signatureBytes(signature);
  if (!bytes) throw new WebhookError("SIGNATURE_MISMATCH", "The x-webhook-signature header is not a base64 HMAC-SHA256: refuse the request.");
  return bytes;
}

/** The bytes of a signature in base64, or undefined where it is none. */
export function signatureBytes(text) {
  return SIGNATURE.test(text) ? Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)) : undefined;
}

/** The body. Stops reading as soon as it is too long, whatever length was announced. */
export async function bytesOf(delivery, maxBodyBytes) {
  const tooLarge = () => new WebhookError("TOO_LARGE", `The body has more than ${maxBodyBytes} bytes: refuse it, or raise maxBodyBytes.`);
  const announced = Number(header(delivery, "content-length"));
  if (announced > maxBodyBytes) throw tooLarge();
  const body = bodyOf(delivery);
  if (ArrayBuffer.isView(body)) {
    if (body.byteLength > maxBodyBytes) throw tooLarge();
    return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  }
  // One growing buffer: a list of the pieces could take many times their bytes. No more at once than what was sent may be worth.
  let bytes = new Uint8Array(Math.min(announced > 0 ? announced : 0, MOST_AT_FIRST));
  let length = 0;
  let pieces;
  try {
    pieces = piecesOf(body);
    for (let step; !(step = await pieces.next()).done; ) {
      const chunk = step.value;
      const piece = typeof chunk === "string" ? encoder().encode(chunk) : chunk;
      const end = length + piece.byteLength;
      if (end > maxBodyBytes) throw tooLarge();
      if (end > bytes.length) {
        const larger = new Uint8Array(Math.min(maxBodyBytes, Math.max(end, 2 * bytes.length)));
        larger.set(bytes.subarray(0, length));
        bytes = larger;
      }
      bytes.set(piece, length);
      length = end;
    }
    return bytes.subarray(0, length);
  } catch (error) {
    stop(pieces);
    if (error instanceof WebhookError) throw error;
    throw new WebhookError("MALFORMED", "The body broke off or is no stream of bytes: refuse it.");
  }
}

/** The pieces of a stream. A web stream's reader takes half the time of its iterator, and most bodies are one piece. */
function piecesOf(body) {
  if (typeof body.getReader !== "function") return body[Symbol.asyncIterator]();
  const reader = body.getReader();
  return { next: () => reader.read(), return: () => reader.cancel() };
}

/** Nobody wants the rest. What comes of saying so is nobody's. */
async function stop(pieces) {
  try {
    await pieces?.return?.();
  } catch {}
}

export function header(delivery, name) {
  const { headers } = own(delivery, ["headers"]);
  if (typeof headers?.get === "function") return headers.get(name);
  if (typeof headers !== "object" || headers === null) throw new WebhookError("INVALID_OPTION", `The request has no headers. ${HANDOVER}`);
  const values = Object.entries(headers).filter(([key]) => key.toLowerCase() === name);
  return values.flatMap(([, value]) => value ?? []).join(", ");
}

/** Bytes, or a stream of them. */
function bodyOf(delivery) {
  const { bodyUsed, body = delivery } = own(delivery, ["bodyUsed", "body"]);
  if (bodyUsed) {
    throw new WebhookError("INVALID_OPTION", "The request's body was read before: hand the request over first, or a clone of it.");
  }
  if (body === null) return new Uint8Array(0);
  if (typeof body === "string") return encoder().encode(body);
  if (ArrayBuffer.isView(body)) return body;
  // By tag, as it may come from another realm.
  if (Object.prototype.toString.call(body) === "[object ArrayBuffer]") return new Uint8Array(body);
  if ([body.getReader, body[Symbol.asyncIterator]].some((read) => typeof read === "function")) return body;
  throw new WebhookError("INVALID_OPTION", `The body must be raw, not parsed: keep JSON body parsers off this route. ${HANDOVER}`);
}
