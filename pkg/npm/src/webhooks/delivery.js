// A request as a server hands it over, its signature and its body: a `Request`, or anything of headers and a raw body, Node's
// and Express's requests among them.
import { WebhookError } from "./error.js";

const HANDOVER = "Hand over a Request, a Node request, or an object of headers and the raw body.";

/** The 32 bytes of HMAC-SHA256 in base64, whose last letter has two bits to spare: only one spelling of them is right. */
const SIGNATURE = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

export function signatureOf(delivery) {
  const signature = header(delivery, "x-webhook-signature");
  if (!signature) {
    throw new WebhookError("SIGNATURE_MISSING", "The request has no x-webhook-signature header: refuse it, as anybody can have sent it.");
  }
  if (!SIGNATURE.test(signature)) {
    throw new WebhookError("SIGNATURE_MISMATCH", "The x-webhook-signature header is not a base64 HMAC-SHA256: refuse the request.");
  }
  return Uint8Array.from(atob(signature), (letter) => letter.charCodeAt(0));
}

/** The body as text. Stops reading as soon as it is too long, whatever length was announced. */
export async function textOf(delivery, maxBodyBytes) {
  const tooLarge = () => new WebhookError("TOO_LARGE", `The body has more than ${maxBodyBytes} bytes: refuse it, or raise maxBodyBytes.`);
  if (Number(header(delivery, "content-length")) > maxBodyBytes) throw tooLarge();
  const chunks = chunksOf(delivery);
  // Text that is not UTF-8 has no one reading; bytes and text say the same only where all of it is.
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      bytes += chunk.byteLength;
      if (bytes > maxBodyBytes) throw tooLarge();
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    if (error instanceof WebhookError) throw error;
    throw new WebhookError("MALFORMED", "The body broke off or is not UTF-8: refuse it.");
  }
}

function header(delivery, name) {
  const headers = delivery?.headers;
  if (typeof headers?.get === "function") return headers.get(name);
  if (typeof headers !== "object" || headers === null) throw new WebhookError("INVALID_OPTION", `The request has no headers. ${HANDOVER}`);
  const values = Object.entries(headers).filter(([key]) => key.toLowerCase() === name);
  return values.flatMap(([, value]) => value ?? []).join(", ");
}

function chunksOf(delivery) {
  if (delivery.bodyUsed) {
    throw new WebhookError("INVALID_OPTION", "The request's body was read before: hand the request over first, or a clone of it.");
  }
  const { body = delivery } = delivery;
  if (body === null) return [];
  if (typeof body === "string") return [new TextEncoder().encode(body)];
  // By tag, as it may come from another realm.
  if (ArrayBuffer.isView(body) || Object.prototype.toString.call(body) === "[object ArrayBuffer]") return [body];
  if (typeof body[Symbol.asyncIterator] === "function") return body;
  throw new WebhookError("INVALID_OPTION", `The body must be raw, not parsed: keep JSON body parsers off this route. ${HANDOVER}`);
}
