// Extracta's side of the webhook, as its documentation describes it.
import { createHmac } from "node:crypto";
import { below, oneOf } from "./seeded.mjs";

export const SECRET = "E_AI_K_the-secret-of-the-dashboard";

/** The signature of a list of files: of the text that JSON.stringify makes of it, and of nothing else. */
export function signatureOf(result, secret = SECRET) {
  return signatureOfText(JSON.stringify(result), secret);
}

export function signatureOfText(text, secret = SECRET) {
  return createHmac("sha256", secret.replace("E_AI_K_", "")).update(text).digest("base64");
}

/** A file as deliveries have it. */
export function file(fileId, { extractionId = "template", batchId = "batch", ...members } = {}) {
  return { extractionId, batchId, fileId, fileName: `${fileId}.pdf`, status: "processed", result: { total: "12.50" }, url: "https://files.example/a", ...members };
}

/** What is delivered, headers and body. */
export function delivery(result, { event = "extraction.processed", secret } = {}) {
  return signed(JSON.stringify({ event, result }), signatureOf(result, secret));
}

/** Any body under any signature. */
export function signed(body, signature) {
  return { headers: { "content-type": "application/json", "x-webhook-signature": signature }, body };
}

export function post(url, sent) {
  return fetch(url, { method: "POST", ...sent });
}

const TEXTS = ["", "total", "__proto__", "constructor", "result", "event", 'a "quote"', "back\\slash", "{[,:]}", "\u0000\u001f", "\u2028\u2029", "\ud83d\ude00", "\ud800", "\udc00 alone", "חשבונית מס", "فاتورة", "ÄÖÜ", "\ufeff"];
const NUMBERS = [0, -0, 1.0, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, -12.5, 2 ** 53, 0.1 + 0.2];

/** Any value that JSON can say, with names and texts that are hard on readers. */
export function anyValue(random, depth = 4) {
  const kinds = [
    () => oneOf(TEXTS, random),
    () => oneOf(NUMBERS, random),
    () => oneOf([true, false, null], random),
    () => Array.from({ length: below(4, random) }, () => anyValue(random, depth - 1)),
    // Not by assignment: `__proto__` is to be a name like any other.
    () => Object.fromEntries(Array.from({ length: below(4, random) }, () => [oneOf(TEXTS, random), anyValue(random, depth - 1)])),
  ];
  return oneOf(depth > 0 ? kinds : kinds.slice(0, 3), random)();
}

/** Any list of files that the API could send. */
export function anyResult(random) {
  return Array.from({ length: 1 + below(3, random) }, (_, index) => file(`f${index}`, { batchId: oneOf(["one", "other"], random), result: anyValue(random) }));
}
