// The errors callers see: the one class that must be JavaScript, as Rust cannot extend Error, and the sentences it says.

const brand = Symbol.for("extracta-wasm.error");

// What happened and what to do.
const ADVICE = {
  BROWSER_TOKEN:
    "An API key on a web page can be read by every visitor. Set baseUrl to a proxy of yours that adds the key and leave token out, or, on a page only you can open, set allowTokenInBrowser: true.",
  INVALID_SNAPSHOT:
    "The snapshot cannot be read. Pass a text that watch.snapshot() or a POLL_TIMEOUT error gave, of this version.",
  CLOSED: "The client is closed. Create a new ExtractaClient.",
  NETWORK:
    "The request got no answer. Check the connection and baseUrl; in a browser, also that the server allows this origin (CORS).",
  REQUEST_TIMEOUT: "The request took longer than requestTimeoutMs. Try again, or allow more time.",
  RATE_LIMITED: "Too many requests for this API key. Check that nothing else polls with it.",
  SERVER: "The server failed to answer. Try again later.",
  UNAUTHENTICATED: "The API key was not accepted. Check the token option, or what your proxy adds.",
  FORBIDDEN: "The API key may not read this batch. Check that the ids belong to its account.",
  NOT_FOUND: "Nothing was found there. Check the batch's ids and baseUrl.",
  BAD_REQUEST: "The request was refused. Check the batch's ids and baseUrl.",
  API_ERROR: "The API reports an error. Check the batch's ids.",
  NOT_JSON: "The answer is not a JSON object. Check that baseUrl leads to the API, not to a web page.",
  UNEXPECTED_REPLY: "The answer has a shape this version cannot read. Check baseUrl, then look for a newer version.",
  UNKNOWN_STATUS:
    'A file has a status this version does not know. Set onUnknownStatus to "wait" or "done", or look for a newer version.',
  POLL_TIMEOUT:
    "The batch was not finished in time; it may still finish. Go on with client.resume(error.snapshot), or allow a larger timeoutMs.",
  RETRIES_EXHAUSTED: "Too many failures in a row; cause is the last one. Try again later.",
};

export class ExtractaError extends Error {
  constructor(message, fields, cause) {
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, fields);
  }

  // Literal, so that minifiers leave it alone; on the prototype, so that the stack begins with it.
  get name() {
    return "ExtractaError";
  }

  get [brand]() {
    return true;
  }

  toJSON() {
    const json = { name: this.name, message: this.message, ...this };
    return isExtractaError(this.cause) ? { ...json, cause: this.cause.toJSON() } : json;
  }
}

// By brand, as another realm or another copy of the package has a class of its own.
export function isExtractaError(value, code) {
  return typeof value === "object" && value?.[brand] === true && (code === undefined || value.code === code);
}

// A failure as plain data, made an error. `detail` is a sentence for this very case, in place of the code's own.
export function failure(fields, detail, cause) {
  const { code, endpoint, httpStatus, attempts, elapsedMs, serverMessage } = fields;
  const facts = [
    (httpStatus < 200 || httpStatus > 299) && `HTTP ${httpStatus}`,
    attempts > 1 && `after ${attempts} requests`,
    elapsedMs >= 1000 && `in ${Math.floor(elapsedMs / 1000)} s`,
    serverMessage && `the server says: ${serverMessage}`,
  ].filter(Boolean);
  const sentence = (endpoint ? `${endpoint}: ` : "") + (detail ?? ADVICE[code]);
  return new ExtractaError(facts.length > 0 ? `${sentence} (${facts.join(", ")})` : sentence, fields, cause);
}

// An option is not what it must be: names it, what is allowed, and what kind of value came. Never the value itself, which may
// be a secret.
export function invalid(option, allowed, got) {
  const fields = { code: "INVALID_OPTION", retryable: false, option };
  return failure(fields, `${option} must be ${allowed}; got ${got}.`);
}
