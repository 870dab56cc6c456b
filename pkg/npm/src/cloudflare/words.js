// What may be stored and shown of an error: our own words. A server's may quote a document, and a client's message quotes the
// server.
import { isExtractaError } from "extracta-wasm";

// Of the options at fault, whose kind is named and whose value is not.
const HAVE_OWN_WORDS = ["INVALID_OPTION", "BROWSER_TOKEN", "INVALID_SNAPSHOT"];

const SENTENCES = {
  UNAUTHENTICATED: "The API did not accept the key",
  FORBIDDEN: "The key may not read this batch",
  NOT_FOUND: "The API knows no such batch",
  BAD_REQUEST: "The API refused the request",
  API_ERROR: "The API reports an error",
  UNEXPECTED_REPLY: "The reply has a shape that this version cannot read",
  UNKNOWN_STATUS: "A file has a status that this version does not know",
  POLL_TIMEOUT: "The batch was not finished in time",
  RETRIES_EXHAUSTED: "Too many failures in a row",
};

export function wordsOf(error) {
  const { code, endpoint, httpStatus, attempts, cause } = error;
  if (HAVE_OWN_WORDS.includes(code)) return error.message;
  const facts = [
    endpoint,
    httpStatus !== undefined && `HTTP ${httpStatus}`,
    attempts > 1 && `after ${attempts} requests`,
    isExtractaError(cause) && `the last failure was ${cause.code}`,
  ].filter(Boolean);
  const sentence = SENTENCES[code] ?? `The poll failed: ${code}`;
  return facts.length > 0 ? `${sentence} (${facts.join(", ")}).` : `${sentence}.`;
}

// Why nothing can be polled at present, in words of ours that may be shown.
export class Fault extends Error {}

// Whether an error is about the key, which all polls share, and not about one of them.
export function isOfKey(error) {
  return isExtractaError(error, "UNAUTHENTICATED") || (isExtractaError(error, "INVALID_OPTION") && error.option === "token");
}

export function faultOf(error) {
  if (error instanceof Fault) return error.message;
  if (isExtractaError(error, "UNAUTHENTICATED")) return "The API did not accept the key (HTTP 401).";
  return isExtractaError(error) ? wordsOf(error) : "client(), or its token function, threw an error.";
}
