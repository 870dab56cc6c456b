// What can go wrong between the client and the API, and what comes of it: each case is played alike in every runtime, asked
// once and polled, against a batch of the stand-in (`cargo run -p standin -- --help` lists them).
//
// `ends` is what a single request ends with: "done", "waiting", or the code of its error. What a poll ends with follows.
// `row` is the line of docs/faults.md, which cases that differ only in detail share. `repeatedBy` is a browser that repeats
// such a request beneath `fetch`, where no page can see or stop it.

/** How often a poll tries again here. */
export const MAX_RETRIES = 3;

/**
 * The error table of the contract: whether the same call may succeed later, and whether a poll tries again until its retries
 * are exhausted, of which there may be fewer than the caller allows.
 */
export const CODES = {
  NETWORK: { retryable: true, exhausts: true },
  REQUEST_TIMEOUT: { retryable: true, exhausts: true },
  RATE_LIMITED: { retryable: true },
  SERVER: { retryable: true, exhausts: true },
  UNAUTHENTICATED: { retryable: false },
  FORBIDDEN: { retryable: false },
  NOT_FOUND: { retryable: false },
  BAD_REQUEST: { retryable: false },
  API_ERROR: { retryable: false },
  NOT_JSON: { retryable: true, exhausts: true, mostRetries: 2 },
  UNEXPECTED_REPLY: { retryable: false },
};

// A hung request is given up soon; how long other requests take is not this suite's business.
const IMPATIENT = { requestTimeoutMs: 500 };

/** The connection. Requests of a refused one are nobody's to count. */
const CONNECTIONS = [
  { row: "connection refused", batch: "done", refused: true, ends: "NETWORK" },
  { row: "connection reset before an answer", batch: "reset", ends: "NETWORK", repeatedBy: "Firefox" },
  { row: "connection reset in the middle of the body", batch: "reset-in-body", ends: "NETWORK", httpStatus: 200 },
  { row: "connection closed in the middle of the body", batch: "cut-body", ends: "NETWORK", httpStatus: 200 },
  { row: "a request that is never answered", batch: "never-answers", ends: "REQUEST_TIMEOUT", options: IMPATIENT },
  { row: "a body that never ends", batch: "never-ends-body", ends: "REQUEST_TIMEOUT", options: IMPATIENT },
  { row: "a body in pieces, over a second", batch: "slow-bytes", ends: "done" },
];

// Browsers hide a redirect's status, and Retry-After.
const REDIRECTS = [301, 302, 303, 307, 308].map((status) => ({
  row: "a redirect to elsewhere (301, 302, 303, 307, 308)",
  batch: `redirect-${status}`,
  ends: "BAD_REQUEST",
  httpStatus: [status, undefined],
}));

const STATUSES = {
  400: "BAD_REQUEST",
  401: "UNAUTHENTICATED",
  402: "BAD_REQUEST",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  405: "BAD_REQUEST",
  408: "SERVER",
  409: "BAD_REQUEST",
  410: "BAD_REQUEST",
  422: "BAD_REQUEST",
  425: "SERVER",
  429: "RATE_LIMITED",
  500: "SERVER",
  501: "BAD_REQUEST",
  502: "SERVER",
  503: "SERVER",
  504: "SERVER",
  505: "BAD_REQUEST",
};
const BODIES = { http: "JSON", html: "a web page", empty: "no body", binary: "bytes" };

const REFUSALS = Object.entries(STATUSES).flatMap(([status, ends]) =>
  Object.entries(BODIES).map(([script, body]) => ({
    row: `HTTP ${status}, with ${Object.values(BODIES).join(", ")}`,
    detail: body,
    batch: `${script}-${status}`,
    ends,
    httpStatus: Number(status),
    serverMessage: script === "http" ? `Scripted status ${status}` : undefined,
    repeatedBy: status === "408" ? "Firefox" : undefined,
    // After a 429 the lane rests for 2 seconds and more.
    options: ends === "RATE_LIMITED" ? { maxRetries: 1 } : {},
  })),
);

const says = (row, ends, json, more = {}) => ({ row, detail: json, batch: `answers-${json}`, ends, ...more });

const STYLES = [
  says("200, error style of the extraction page", "API_ERROR", '{"error":"Invalid request"}', { serverMessage: "Invalid request" }),
  says("200, error style of the classification page", "SERVER", '{"status":"error","message":"Try later"}', { serverMessage: "Try later" }),
  says("200, error style of the classification page", "SERVER", '{"status":"error"}'),
  says("200, both error styles at once", "API_ERROR", '{"status":"error","error":"x","message":"y"}', { serverMessage: "x" }),
  ...['{"error":{"message":"m"}}', '{"error":{"code":1}}', '{"error":["m"]}', '{"error":7}', '{"error":true}', '{"error":{}}'].map((json) =>
    says("200, an error that is no text", "API_ERROR", json, { serverMessage: json.includes('"message":"m"') ? "m" : undefined }),
  ),
  ...['""', "false", "0", "null"].map((none) =>
    says("200, an error that says nothing beside finished files", "done", `{"error":${none},"files":[{"status":"processed"}]}`),
  ),
];

const NO_OBJECT = [
  { row: "200, a web page", batch: "html-200", ends: "NOT_JSON" },
  { row: "200, no body", batch: "empty-200", ends: "NOT_JSON" },
  { row: "204", batch: "empty-204", ends: "NOT_JSON", httpStatus: 204 },
  { row: "200, bytes", batch: "binary-200", ends: "NOT_JSON" },
  { row: "200, plain text", batch: "text-body", ends: "NOT_JSON" },
  { row: "200, JSON cut short", batch: "truncated-json", ends: "NOT_JSON" },
  ...["[]", '[{"status":"processed"}]', '"text"', "3", "true", "false", "null"].map((json) => says("200, JSON but no object", "NOT_JSON", json)),
];

const IMPOSSIBLE = [
  ...['"File 1.pdf"', '""', "3", "0", "true", "false"].map((files) => says("`files` is no list", "UNEXPECTED_REPLY", `{"files":${files}}`)),
  ...["null", "3", '"x"', "[]", "true"].flatMap((file) => [
    says("an entry of `files` is no object", "UNEXPECTED_REPLY", `{"files":[{"status":"processed"},${file}]}`),
    says("an entry of `files` is no object", "UNEXPECTED_REPLY", `{"files":{"a":${file}}}`),
  ]),
  ...["3", "0", "{}", "[]", '["waiting"]', "true", "false"].map((status) =>
    says("`status` is no text", "UNEXPECTED_REPLY", `{"status":${status},"files":[{"status":"processed"}]}`),
  ),
];

const NOT_YET = [
  ...["{}", '{"files":null}', '{"files":[]}', '{"files":{}}', '{"status":"success"}', '{"status":"success","files":[]}'].map((json) =>
    says("no files yet", "waiting", json),
  ),
  says("`waiting` beside finished files", "waiting", '{"status":"waiting","files":[{"status":"processed"}]}'),
  ...["3", "null", "{}", '"archived"', '""', '"Processed"'].map((status) =>
    says("a file's status is none that this version knows", "waiting", `{"files":[{"status":${status}}]}`),
  ),
  says("a file has no status", "waiting", '{"files":[{}]}'),
  says("a reply that calls itself done", "waiting", '{"done":true,"files":[]}'),
];

const ODD_BUT_DONE = [
  { row: "a byte order mark", batch: "bom", ends: "done" },
  { row: "the wrong content type", batch: "wrong-type", ends: "done" },
  { row: "100 000 lists inside one another", batch: "deep-100000", ends: "done", holds: ({ files }) => files[0].extra.length === 1 },
  { row: "100 000 files", batch: "files-100000", ends: "done", holds: ({ files }) => files.length === 100_000 },
  { row: "a body of 100 MB", batch: "megabytes-100", ends: "done", holds: ({ files }) => files[0].extra.length > 99e6 },
  { row: "two files with one id", batch: "duplicate-ids", ends: "done", holds: ({ files }) => files.length === 3 },
  { row: "files without ids", batch: "no-file-ids", ends: "done" },
  { row: "`files` keyed by id", batch: "files-object", ends: "done", holds: ({ files }) => files.every(({ fileId }) => fileId) },
  { row: "members that nobody announced", batch: "extra-members", ends: "done", holds: () => ({}).polluted === undefined },
  says("half a surrogate pair", "done", String.raw`{"files":[{"status":"processed","fileId":"\ud800","result":"\udc00\ud800"}]}`, {
    holds: ({ files }) => files[0].fileId === "\ud800" && files[0].result === "\udc00\ud800",
  }),
  says("half a surrogate pair", "done", String.raw`{"status":"\ud800","files":[{"status":"processed"}]}`, {
    holds: ({ status }) => status === "\ud800",
  }),
  says("members named `__proto__` and `constructor`", "done", '{"__proto__":{"files":[],"error":"x"},"constructor":3,"files":[{"status":"processed"}]}', {
    holds: ({ files }) => files.length === 1 && {}.error === undefined,
  }),
  says("members named `__proto__` and `constructor`", "waiting", '{"__proto__":{"files":[{"status":"processed"}]}}'),
  says("members named `__proto__` and `constructor`", "done", '{"files":{"__proto__":{"status":"processed"},"constructor":{"status":"failed"}}}', {
    holds: ({ files }) => files.map(({ fileId }) => fileId).join() === "__proto__,constructor",
  }),
  says("a number too large for any", "done", '{"files":[{"status":"processed","result":1e999}]}', { holds: ({ files }) => files[0].result === Infinity }),
  says("a member given twice", "done", '{"status":"waiting","status":"success","files":[{"status":"processed"}]}'),
];

export const CASES = [
  ...CONNECTIONS,
  ...REDIRECTS,
  ...REFUSALS,
  ...STYLES,
  ...NO_OBJECT,
  ...IMPOSSIBLE,
  ...NOT_YET,
  ...ODD_BUT_DONE,
];

/**
 * The tokens of a case: one for the single request, one for the poll, as the stand-in counts by token, and so does the
 * client's pacing.
 */
export function tokensOf(run, index) {
  return { ask: `${run}-${index}-ask`, poll: `${run}-${index}-poll` };
}
