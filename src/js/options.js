// Reading what callers pass in: structurally, member by member, each complaint naming the option, what is allowed and the
// kind of value that came. JavaScript, as all of it is JavaScript's values.
import { failure, invalid } from "./error.js";
import { sharing } from "./pacing.js";

const DEFAULT_BASE_URL = "https://api.extracta.ai/api/v1";
const DEFAULT_REQUEST_TIMEOUT_MS = 30_000;
const DEFAULT_TIMEOUT_MS = 30 * 60 * 1000;
const DEFAULT_MAX_RETRIES = 5;

// What the API's documentation asks for between two requests to an endpoint.
const API_FLOOR_MS = 2000;

// The weight of a single question among polls, most of which are only asked whether they are finished: whatever its answer
// says, somebody waits for it.
const QUESTION_PRIORITY = 10;

const TEXT = "a string that is not empty";

// By the endpoints' numbers: the member that names a batch's template, and the method that asks only for this kind.
const KINDS = [
  { member: "extractionId", method: "getBatchResults" },
  { member: "classificationId", method: "getClassificationResults" },
];

const UNKNOWN_STATUS = ["wait", "done", "throw"];

const NO_HINTS = { unknown: 0, expectedFiles: 0, priority: 1 };

// What a number counts, in words, and whether one does.
const MILLISECONDS = { words: "a finite number of milliseconds", counts: Number.isFinite };
const MILLISECONDS_OR_INFINITY = { words: "a number of milliseconds or Infinity", counts: () => true };
const THINGS = { words: "a whole number", counts: Number.isInteger };
const WEIGHT = { words: "a finite number", counts: Number.isFinite };

// Options of a client, checked; the paths lead from the base URL to the endpoints. Here and below `numbers` is a window on the
// wasm's memory, in which what was read is put; nothing, where it is not what it must be.
export function clientOptions(options, extractionPath, classificationPath, numbers) {
  return outcome(() => {
    const read = new Reader(options, "options");
    const url = baseUrl(read.get("baseUrl"));
    const isExtracta = /(^|\.)extracta\.ai\.?$/.test(url.hostname);
    const [least, note] = isExtracta ? [API_FLOOR_MS, " (extracta.ai asks for it)"] : [0, ""];

    const given = read.get("token");
    const provider = typeof given === "function" ? given : undefined;
    const token = provider || given === undefined ? undefined : tokenText(given);
    const allowTokenInBrowser = read.flag("allowTokenInBrowser");
    if (token !== undefined && isExtracta && !allowTokenInBrowser && isWebPage()) {
      throw failure({ code: "BROWSER_TOKEN", retryable: false, option: "token" });
    }
    const config = {
      urls: [extractionPath, classificationPath].map((path) => `${url.href.replace(/\/+$/, "")}/${path}`),
      token,
      provider,
      keys: [], // Of the lanes of the token above, once they are known.
      headers: headers(read.get("headers"), given),
      fetch: read.function("fetch"),
    };
    const requestTimeoutMs = read.number("requestTimeoutMs", DEFAULT_REQUEST_TIMEOUT_MS, 1, MILLISECONDS);
    const minIntervalMs = read.number("minIntervalMs", API_FLOOR_MS, least, MILLISECONDS, note);
    const onEvent = read.function("onEvent");
    const shared = sharePacing(read.get("sharePacing"));
    write(numbers, minIntervalMs, !!provider, !!onEvent, !!shared);
    return { ...config, requestTimeoutMs, minIntervalMs, onEvent, shared };
  });
}

// A single question about a batch of the endpoint with that number.
export function question(config, batch, options, endpoint, numbers) {
  return outcome(() => {
    const { ids } = batchIds(new Reader(batch, "batch"), endpoint);
    const { requestTimeoutMs, signal } = request(config, new Reader(options, "options"));
    const { minIntervalMs } = config;
    write(numbers, minIntervalMs, Infinity, 0, 0, requestTimeoutMs, 1, 0, 0, QUESTION_PRIORITY, 0, endpoint, !!signal, 0);
    return { ids, signal };
  });
}

// A poll of a batch. A job among many brings hints of its own.
export function poll(config, batch, options, numbers) {
  return outcome(() => {
    const named = new Reader(batch, "batch");
    const ids = batchIds(named);
    const usual = { intervalMs: 0, timeoutMs: DEFAULT_TIMEOUT_MS, maxRetries: DEFAULT_MAX_RETRIES, ...NO_HINTS };
    const given = pollOptions(config, new Reader(options, "options"), usual);
    return callOptions(ids, { ...given, ...hints(named, given) }, numbers);
  });
}

// The options of a poll that goes on; `usual` is what it was begun with. No number for its time, unless the caller gives one.
export function resumption(config, options, intervalMs, maxRetries, unknown, expectedFiles, priority, numbers) {
  return outcome(() => {
    const usual = { intervalMs, timeoutMs: NaN, maxRetries, unknown, expectedFiles, priority };
    return callOptions({}, pollOptions(config, new Reader(options, "options"), usual), numbers);
  });
}

// Keys are opaque, but a header takes only visible ASCII; anything else is a copying accident.
export function tokenText(token) {
  const isText = typeof token === "string" && token !== "";
  if (isText && /^[!-~]*$/.test(token)) return token;
  const got = isText ? "a string with spaces or other characters" : kindOf(token);
  throw invalid("token", "a string of visible ASCII characters, or a function that gives one", got);
}

// One by one, as `set` takes its time with a list of several kinds.
function write(numbers, ...values) {
  for (let index = 0; index < values.length; index++) numbers[index] = values[index];
}

// What `read` gives, or `{ thrown }`: what an imported function throws stays in wasm-bindgen's table.
function outcome(read) {
  try {
    return read();
  } catch (thrown) {
    return { thrown };
  }
}

class Reader {
  constructor(object, name) {
    if (object !== undefined && (typeof object !== "object" || object === null || Array.isArray(object))) {
      throw invalid(name, "an object", kindOf(object));
    }
    this.object = object;
  }

  // What a getter throws is passed on.
  get(name) {
    return this.object?.[name];
  }

  number(name, otherwise, least, { words, counts }, note = "") {
    const value = this.get(name);
    if (value === undefined) return otherwise;
    if (typeof value === "number" && value >= least && counts(value)) return value;
    throw invalid(name, `${words}, at least ${least}${note}`, kindOf(value));
  }

  function(name) {
    const value = this.get(name);
    if (value === undefined || typeof value === "function") return value;
    throw invalid(name, "a function", kindOf(value));
  }

  flag(name) {
    const value = this.get(name);
    if (value === undefined || typeof value === "boolean") return value ?? false;
    throw invalid(name, "true or false", kindOf(value));
  }

  id(name) {
    const value = this.get(name);
    if (value === undefined || (typeof value === "string" && value !== "")) return value;
    throw invalid(name, TEXT, kindOf(value));
  }

  // By shape, not class: the signal may come from another realm or a polyfill.
  signal() {
    const value = this.get("signal");
    if (value === undefined) return value;
    if (typeof value?.addEventListener === "function" && typeof value.aborted === "boolean") return value;
    throw invalid("signal", "an AbortSignal", kindOf(value));
  }
}

// The ids of a batch as the API names them, which is also the body of a request. An absent `fileId` is left out: what the API
// makes of an empty one is not known.
function batchIds(batch, asked) {
  const wants = (allowed, got) => invalid("batch", allowed, got);
  if (!batch.object) throw wants("an object with extractionId or classificationId, and batchId", "undefined");
  const extractionId = batch.id("extractionId");
  const classificationId = batch.id("classificationId");
  if (extractionId && classificationId) throw wants("an object with either extractionId or classificationId", "both");
  if (!extractionId && !classificationId) {
    if (asked !== undefined) throw invalid(KINDS[asked].member, TEXT, "undefined");
    throw wants("an object with extractionId or classificationId", "neither");
  }
  const endpoint = extractionId ? 0 : 1;
  const { member, method } = KINDS[endpoint];
  if (asked !== undefined && endpoint !== asked) {
    throw wants(`one with ${KINDS[asked].member} (${method} is for the other kind)`, member);
  }
  const batchId = batch.id("batchId");
  if (batchId === undefined) throw invalid("batchId", TEXT, "undefined");
  const fileId = batch.id("fileId");
  // A file of undefined is left out where the ids become text.
  return { endpoint, ids: extractionId ? { extractionId, batchId, fileId } : { classificationId, batchId, fileId } };
}

// What a call needs of its options: a few values as they are, and numbers in the order in which `arguments.rs` takes them.
function callOptions({ endpoint, ids }, given, numbers) {
  const { signal, tell, intervalMs, timeoutMs, initialDelayMs, maxRetries, requestTimeoutMs } = given;
  const { unknown, expectedFiles, priority, follows } = given;
  const plan = [intervalMs, timeoutMs, initialDelayMs, maxRetries, requestTimeoutMs, 0];
  write(numbers, ...plan, unknown, expectedFiles, priority, follows, endpoint, !!signal, !!tell);
  return { ids, signal, tell };
}

function request({ requestTimeoutMs }, read) {
  const timeoutMs = read.number("requestTimeoutMs", requestTimeoutMs, 1, MILLISECONDS);
  return { requestTimeoutMs: timeoutMs, signal: read.signal() };
}

function pollOptions(config, read, usual) {
  const { minIntervalMs } = config;
  const given = request(config, read);
  const unknown = read.get("onUnknownStatus");
  if (unknown !== undefined && !UNKNOWN_STATUS.includes(unknown)) {
    throw invalid("onUnknownStatus", '"wait", "done" or "throw"', kindOf(unknown));
  }
  const intervalMs = Math.max(usual.intervalMs, minIntervalMs);
  return {
    ...given,
    unknown: unknown === undefined ? usual.unknown : UNKNOWN_STATUS.indexOf(unknown),
    intervalMs: read.number("intervalMs", intervalMs, minIntervalMs, MILLISECONDS, " (minIntervalMs)"),
    timeoutMs: read.number("timeoutMs", usual.timeoutMs, 1, MILLISECONDS_OR_INFINITY),
    initialDelayMs: read.number("initialDelayMs", 0, 0, MILLISECONDS),
    maxRetries: read.number("maxRetries", usual.maxRetries, 0, THINGS),
    ...hints(read, usual),
    tell: read.function("onProgress"),
    follows: read.flag("followExtractions"),
  };
}

function hints(read, { expectedFiles, priority }) {
  return {
    expectedFiles: read.number("expectedFiles", expectedFiles, 1, THINGS),
    priority: read.number("priority", priority, 0.01, WEIGHT),
  };
}

function baseUrl(value) {
  const unfit = (got) => {
    const allowed = "an absolute http(s) URL, or a path on a web page, without user, password, query and fragment";
    return invalid("baseUrl", allowed, got);
  };
  // A URL object, of whatever realm, is read by its href.
  const given = value === undefined ? DEFAULT_BASE_URL : (value?.href ?? value);
  if (typeof given !== "string") throw unfit(kindOf(value));
  const page = globalThis.location?.href;
  let url;
  try {
    url = new URL(given, page);
  } catch {
    throw unfit(page === undefined ? "text that is no absolute URL" : "text that is no URL");
  }
  if (!/^https?:$/.test(url.protocol)) throw unfit("a URL of another scheme");
  if (url.username || url.password) throw unfit("a URL with user or password");
  if (url.search || url.hash) throw unfit("a URL with query or fragment");
  return url;
}

// Copied, so that changing the object later changes nothing.
function headers(value, token) {
  if (value === undefined) return value;
  const unfit = (got, allowed = "an object of header names and string values") => invalid("headers", allowed, got);
  if (typeof value !== "object" || value === null) throw unfit(kindOf(value));
  let copy;
  try {
    copy = Object.fromEntries(new Headers(value));
  } catch {
    throw unfit("names or values that no header can have");
  }
  if (token !== undefined && "authorization" in copy) throw unfit("both", "without authorization when token is given");
  return copy;
}

function sharePacing(value) {
  const shared = value === undefined ? value : sharing(value);
  if (shared !== null) return shared;
  throw invalid("sharePacing", "an object with the functions reserve and hold", kindOf(value));
}

// Whether visitors can read what this code holds: a page, or a worker of one. Only a browser's workers have both members;
// Workers at the edge are no pages.
function isWebPage() {
  const { window, importScripts, location } = globalThis;
  return window?.document !== undefined || (typeof importScripts === "function" && location !== undefined);
}

// The kind of a value, in words. Numbers are shown, as they are no secret and often the point; text is not.
function kindOf(value) {
  if (value === null) return "null";
  if (value === "") return "an empty string";
  if (Array.isArray(value)) return "an array";
  switch (typeof value) {
    case "undefined":
      return "undefined";
    case "number":
      return String(value);
    case "object":
      return "an object";
    case "string":
    case "boolean":
    case "function":
      return `a ${typeof value}`;
    default:
      return "a value of another type";
  }
}
