/**
 * Each error code in words a person can act on. `remedy` names what helps: `retry` is to try again, the others name the
 * field to look at (see `fieldAtFault`).
 */
export const ERRORS = {
  INVALID_OPTION: {
    title: "A setting is not valid",
    advice: "Nothing was sent. Correct the field and start again.",
    remedy: "option",
  },
  INVALID_SNAPSHOT: {
    title: "This poll cannot be resumed",
    advice: "Its snapshot is damaged or from another version. Poll the batch again.",
    remedy: "option",
  },
  BROWSER_TOKEN: {
    title: "An API key does not belong in a web page",
    advice: "Nothing was sent, because every visitor could read the key. Use a proxy of yours that adds the key.",
    remedy: "source",
  },
  UNSUPPORTED: {
    title: "This browser does not run WebAssembly here",
    advice: "Nothing was sent. Allow it in the page's security policy, leave a lockdown mode, or use another browser.",
    remedy: "retry",
  },
  CLOSED: {
    title: "The client was closed",
    advice: "The poll ended with its client. Polling again opens a new one.",
    remedy: "retry",
  },
  NETWORK: {
    title: "The server could not be reached",
    advice: "Check the connection. A server that does not allow this page's origin (CORS) looks the same from here.",
    remedy: "address",
  },
  REQUEST_TIMEOUT: {
    title: "The server took too long to answer",
    advice: "Try again, or allow one request more time under More options.",
    remedy: "retry",
  },
  RATE_LIMITED: {
    title: "Too many requests",
    advice: "Other programs may be using the same key. Wait a minute, then try again.",
    remedy: "retry",
  },
  SERVER: {
    title: "The server has a problem",
    advice: "This usually passes. The batch is not lost: try again in a while.",
    remedy: "retry",
  },
  UNAUTHENTICATED: {
    title: "The API key was refused",
    advice: "Check that the key is complete and still valid. A proxy has to add a valid one.",
    remedy: "credentials",
  },
  FORBIDDEN: {
    title: "The key may not read this batch",
    advice: "Use a key of the account that owns the batch.",
    remedy: "credentials",
  },
  NOT_FOUND: {
    title: "No such batch",
    advice: "Check both ids, and whether the batch is an extraction or a classification.",
    remedy: "batch",
  },
  BAD_REQUEST: {
    title: "The server rejected the request",
    advice: "Check both ids, and whether the batch is an extraction or a classification.",
    remedy: "template",
  },
  API_ERROR: {
    title: "The API answered with an error",
    advice: "Read what the server said. Most often an id is wrong.",
    remedy: "batch",
  },
  NOT_JSON: {
    title: "The answer is not from the API",
    advice: "Something in between, such as a proxy or a login page, answered instead. Check the address or try again.",
    remedy: "address",
  },
  UNEXPECTED_REPLY: {
    title: "The reply cannot be read",
    advice: "The reply has a shape this version of the package does not know. Try again; if it happens again, look for a newer version.",
    remedy: "retry",
  },
  UNKNOWN_STATUS: {
    title: "A file has an unknown status",
    advice: "More options let you choose what an unknown status means: keep waiting, or count the file as finished.",
    remedy: "unknown-status",
  },
  POLL_TIMEOUT: {
    title: "Not finished in time",
    advice: "The batch may still finish: only the waiting ended. Poll again to keep waiting.",
    remedy: "retry",
  },
  RETRIES_EXHAUSTED: {
    title: "Too many failures in a row",
    advice: "The poll gave up, but the batch may still finish. Poll again in a while.",
    remedy: "retry",
  },
};

export const CANCELLED = {
  title: "Cancelled",
  advice: "You ended the waiting. Extracta continues to process the batch.",
  remedy: "retry",
};

/** Of an upload: nothing is sent again by itself, and what may have arrived should not be. */
const UPLOADS = {
  arrived: "The files may have arrived, and may be billed. Look for a batch of them before you upload them again.",
  nothing: "Nothing arrived. Correct the mistake, then upload again.",
};

const UNFORESEEN = {
  title: "Something unforeseen went wrong",
  advice: "This is a defect of the page or the package. Polling again may help.",
  remedy: "retry",
};

const OPTION_FIELDS = {
  extractionId: { field: "template-id", label: "Check the extraction id" },
  classificationId: { field: "template-id", label: "Check the classification id" },
  batchId: { field: "batch-id", label: "Check the batch id" },
  fileId: { field: "file-id", label: "Check the file id" },
  baseUrl: { field: "base-url", label: "Check the proxy address" },
  token: { field: "api-key", label: "Enter the API key" },
  timeoutMs: { field: "timeout-seconds", label: "Check the time limit" },
  requestTimeoutMs: { field: "request-timeout-seconds", label: "Check the request limit" },
  onUnknownStatus: { field: "unknown-status", label: "Check the unknown status" },
};

/**
 * What to say about an error: `{ code, title, advice, atFault?, facts }`. `known` says whether it is an
 * `ExtractaError`; `source` where the poll was aimed, as the stand-in has no key to correct, for example.
 */
export function explain(error, { known, cancelled, source }) {
  const { title, advice, remedy } = cancelled ? CANCELLED : ((known && ERRORS[error.code]) || UNFORESEEN);
  const code = cancelled ? "AbortError" : known ? error.code : String(error?.name ?? "Error");
  return { code, title, advice, atFault: fieldAtFault(remedy, error, source), facts: cancelled ? [] : factsOf(error) };
}

function fieldAtFault(remedy, error, source) {
  switch (remedy) {
    case "option":
      return OPTION_FIELDS[error.option];
    case "source":
      return { field: "source-proxy", label: "Choose another source" };
    case "credentials":
      if (source === "extracta") return { field: "api-key", label: "Enter another API key" };
      return fieldAtFault("address", error, source);
    case "address":
      return source === "proxy" ? OPTION_FIELDS.baseUrl : undefined;
    case "batch":
      return OPTION_FIELDS.batchId;
    case "template":
      return { field: "template-id", label: "Check the ids" };
    case "unknown-status":
      return { field: "unknown-status", label: "Choose what it means" };
    default:
      return undefined;
  }
}

/** The same of an upload: what to do depends on whether the files may be there. */
export function explainUpload(error, { known, cancelled, source }) {
  const explanation = explain(error, { known, cancelled, source });
  if (cancelled) return { ...explanation, advice: UPLOADS.arrived };
  if (!known || error.code === "INVALID_OPTION") return explanation;
  return { ...explanation, advice: UPLOADS[error.filesMayHaveArrived ? "arrived" : "nothing"] };
}

/** Pairs of label and text. All of it may hold what a server said: show it as text. */
function factsOf(error) {
  const facts = [["Message", String(error?.message ?? error)]];
  const add = (label, value) => {
    if (value !== undefined && value !== null) facts.push([label, String(value)]);
  };
  add("HTTP status", error?.httpStatus);
  add("Server said", error?.serverMessage);
  add("Attempts", error?.attempts);
  add("Seen", error?.observed && observedText(error.observed));
  add("Last failure", error?.cause && causeText(error.cause));
  return facts;
}

function observedText(observed) {
  return Object.entries(observed).map(([outcome, times]) => `${outcome} ×${times}`).join(", ");
}

function causeText(cause) {
  const message = String(cause.message ?? cause);
  return cause.code ? `${cause.code}: ${message}` : message;
}
