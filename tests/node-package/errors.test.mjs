// Each failure as an ExtractaError with its code, and nothing in it that must not be logged.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { inspect } from "node:util";
import { ExtractaClient, ExtractaError, isExtractaError } from "extracta-wasm";
import { answering, extraction, fast, finished, newToken, NOWHERE, rejection, requestsOf } from "./standin.mjs";

const ask = (batchId, options) => new ExtractaClient(fast()).getBatchResults(extraction(batchId), options);
const poll = (batchId, options) => new ExtractaClient(fast()).pollUntilDone(extraction(batchId), options);

const FAILURES = [
  ["UNAUTHENTICATED", "http-401", () => ask("http-401"), { httpStatus: 401, retryable: false }],
  ["FORBIDDEN", "http-403", () => ask("http-403"), { httpStatus: 403, retryable: false }],
  ["NOT_FOUND", "http-404", () => ask("http-404"), { httpStatus: 404, retryable: false }],
  ["BAD_REQUEST", "http-400", () => ask("http-400"), { httpStatus: 400, retryable: false }],
  ["BAD_REQUEST", "http-501", () => ask("http-501"), { httpStatus: 501, retryable: false }],
  ["BAD_REQUEST", "a redirect", () => ask("redirect"), { retryable: false }],
  ["RATE_LIMITED", "rate-limited", () => ask("rate-limited"), { httpStatus: 429, retryAfterMs: 1000, retryable: true }],
  ["SERVER", "http-503", () => ask("http-503"), { httpStatus: 503, retryable: true }],
  ["SERVER", "html-502", () => ask("html-502"), { httpStatus: 502, retryable: true }],
  ["SERVER", "status error in a 200", () => ask("error-style-status"), { httpStatus: 200, retryable: true }],
  ["API_ERROR", "error in a 200", () => ask("error-style-error"), { httpStatus: 200, serverMessage: "Invalid request", retryable: false }],
  ["NOT_JSON", "html-200", () => ask("html-200"), { httpStatus: 200, retryable: true }],
  ["NOT_JSON", "empty-body", () => ask("empty-body"), { httpStatus: 200 }],
  ["NOT_JSON", "truncated-json", () => ask("truncated-json"), { httpStatus: 200 }],
  ["NOT_JSON", "array-body", () => ask("array-body"), { httpStatus: 200 }],
  ["UNEXPECTED_REPLY", "files-string", () => ask("files-string"), { httpStatus: 200, retryable: false }],
  ["UNEXPECTED_REPLY", "file-entry-null", () => ask("file-entry-null"), { httpStatus: 200, retryable: false }],
  ["NETWORK", "reset", () => ask("reset"), { retryable: true, attempts: 1 }],
  ["NETWORK", "cut-body", () => ask("cut-body"), { retryable: true }],
  ["REQUEST_TIMEOUT", "never-answers", () => ask("never-answers", { requestTimeoutMs: 100 }), { retryable: true }],
  ["REQUEST_TIMEOUT", "never-ends-body", () => ask("never-ends-body", { requestTimeoutMs: 100 }), { retryable: true }],
  ["UNKNOWN_STATUS", "a new status", () => poll("unknown-status", { onUnknownStatus: "throw" }), { retryable: false }],
  ["SERVER", "http-503, polled without retries", () => poll("http-503", { maxRetries: 0 }), { attempts: 1, retryable: true }],
  ["RETRIES_EXHAUSTED", "http-503, one retry", () => poll("http-503", { maxRetries: 1 }), { attempts: 2, retryable: true }],
  ["POLL_TIMEOUT", "forever", () => poll("forever", { timeoutMs: 100 }), { retryable: true }],
  ["INVALID_OPTION", "an interval below the floor", () => poll("done", { intervalMs: 1 }), { option: "intervalMs" }],
];

for (const [code, cause, call, fields] of FAILURES) {
  test(`${code}: ${cause}`, async () => {
    const error = await rejection(call());
    assert.ok(error instanceof ExtractaError);
    assert.ok(error instanceof Error);
    assert.equal(error.name, "ExtractaError");
    assert.ok(isExtractaError(error));
    assert.ok(isExtractaError(error, code), `its code is ${error.code}`);
    assert.equal(isExtractaError(error, "CLOSED"), false);
    assert.deepEqual(Object.fromEntries(Object.keys(fields).map((name) => [name, error[name]])), fields);
    assert.match(error.message, /^[^\r\n]{20,}$/, "one line that says what to do");
    assert.ok(error.stack.startsWith("ExtractaError: "), error.stack);
    assert.equal(JSON.parse(JSON.stringify(error)).code, code);
    if (code !== "INVALID_OPTION") assert.equal(error.endpoint, "getBatchResults");
  });
}

test("a redirect is not followed", async () => {
  const options = fast();
  await rejection(new ExtractaClient(options).getBatchResults(extraction("redirect")));
  assert.deepEqual((await requestsOf(options)).map(({ endpoint }) => endpoint), ["/getBatchResults"]);
});

test("RETRIES_EXHAUSTED has the last failure as its cause", async () => {
  const options = fast();
  const error = await rejection(new ExtractaClient(options).pollUntilDone(extraction("http-503"), { maxRetries: 2 }));
  assert.equal(error.code, "RETRIES_EXHAUSTED");
  assert.equal(error.attempts, 3);
  assert.ok(isExtractaError(error.cause, "SERVER"));
  assert.equal(error.cause.httpStatus, 503);
  assert.equal(JSON.parse(JSON.stringify(error)).cause.httpStatus, 503);
  assert.equal((await requestsOf(options)).length, 3);
});

test("POLL_TIMEOUT reports what it saw, and comes after one last poll", async () => {
  let requested = 0;
  const fetch = answering(() => ((requested += 1), { status: "waiting" }));
  const client = new ExtractaClient({ baseUrl: NOWHERE, token: newToken(), minIntervalMs: 20, fetch });
  // The last poll is 2 seconds before the deadline.
  const error = await rejection(client.pollUntilDone(extraction("forever"), { timeoutMs: 4_000, initialDelayMs: 10_000, intervalMs: 3_000 }));
  assert.equal(error.code, "POLL_TIMEOUT");
  assert.deepEqual(error.observed, { waiting: 1 });
  assert.equal(requested, 1);
});

test("NETWORK keeps the platform's code", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  const client = new ExtractaClient({ baseUrl: `http://127.0.0.1:${port}/api`, token: newToken() });
  const error = await rejection(client.getBatchResults(extraction("any")));
  assert.equal(error.code, "NETWORK");
  assert.ok(error.cause instanceof Error);
  assert.equal(error.cause.code, "ECONNREFUSED");
});

test("isExtractaError accepts nothing else", () => {
  for (const value of [undefined, null, 0, "NETWORK", new Error("x"), { name: "ExtractaError", code: "NETWORK" }, () => {}]) {
    assert.equal(isExtractaError(value), false);
    assert.equal(isExtractaError(value, "NETWORK"), false);
  }
});

for (const [option, options, value] of [
  ["options", "text"],
  ["token", { token: "" }],
  ["token", { token: 5 }],
  ["token", { token: "two words" }, "two words"],
  ["baseUrl", { baseUrl: "https:///\\secret:x" }, "secret"],
  ["baseUrl", { baseUrl: "ftp://host/secret" }, "secret"],
  ["baseUrl", { baseUrl: "https://user:secret@host" }, "secret"],
  ["fetch", { fetch: {} }],
  ["headers", { headers: "secret" }, "secret"],
  ["headers", { token: "t", headers: { Authorization: "Bearer secret" } }, "secret"],
  ["requestTimeoutMs", { requestTimeoutMs: 0 }],
  ["requestTimeoutMs", { requestTimeoutMs: Infinity }],
  ["minIntervalMs", { minIntervalMs: 1_999 }],
  ["minIntervalMs", { minIntervalMs: NaN }],
  ["minIntervalMs", { baseUrl: "https://eu.extracta.ai/v1", minIntervalMs: 100 }],
  ["onEvent", { onEvent: true }],
  ["sharePacing", { sharePacing: "secret" }, "secret"],
  ["sharePacing", { sharePacing: { reserve() {}, hold: "secret" } }, "secret"],
]) {
  test(`the constructor refuses ${inspect(options)} and names ${option}`, () => {
    assert.throws(() => new ExtractaClient(options), (error) => {
      assert.ok(isExtractaError(error, "INVALID_OPTION"));
      assert.equal(error.option, option);
      assert.ok(error.message.startsWith(`${option} must be `), error.message);
      if (value) assert.ok(!inspect(error, { depth: null, showHidden: true }).split("\n    at ")[0].includes(value));
      return true;
    });
  });
}

for (const [option, batch, options] of [
  ["batch", undefined],
  ["batch", { batchId: "b" }],
  ["batch", { extractionId: "e", classificationId: "c", batchId: "b" }],
  ["extractionId", { extractionId: 5, batchId: "b" }],
  ["batchId", { extractionId: "e" }],
  ["batchId", { extractionId: "e", batchId: "" }],
  ["fileId", { extractionId: "e", batchId: "b", fileId: "" }],
  ["options", { extractionId: "e", batchId: "b" }, null],
  ["timeoutMs", { extractionId: "e", batchId: "b" }, { timeoutMs: "5" }],
  ["initialDelayMs", { extractionId: "e", batchId: "b" }, { initialDelayMs: -1 }],
  ["maxRetries", { extractionId: "e", batchId: "b" }, { maxRetries: 1.5 }],
  ["onUnknownStatus", { extractionId: "e", batchId: "b" }, { onUnknownStatus: "ignore" }],
  ["onProgress", { extractionId: "e", batchId: "b" }, { onProgress: {} }],
  ["signal", { extractionId: "e", batchId: "b" }, { signal: {} }],
]) {
  test(`a poll refuses ${inspect(batch)} with ${inspect(options)} and names ${option}, before any request`, async () => {
    const neverCalled = answering(() => assert.fail("a request was sent"));
    const client = new ExtractaClient({ baseUrl: NOWHERE, token: newToken(), fetch: neverCalled });
    const error = await rejection(client.pollUntilDone(batch, options));
    assert.ok(isExtractaError(error, "INVALID_OPTION"), String(error));
    assert.equal(error.option, option);
    assert.throws(() => client.watch(batch, options), { code: "INVALID_OPTION", option });
  });
}

// Everything that a log may get to see of an error.
function loggable(error) {
  const seen = [String(error), error.message, error.stack, JSON.stringify(error), JSON.stringify({ ...error })];
  for (const showHidden of [false, true]) seen.push(inspect(error, { depth: null, showHidden, getters: true, maxStringLength: null }));
  const logged = [];
  const { log } = console;
  console.log = (...values) => logged.push(inspect(values, { depth: null }));
  try {
    console.log(error);
  } finally {
    console.log = log;
  }
  return [...seen, ...logged].join("\n");
}

const SECRETS = { token: "canary-token", header: "canary-header", document: "canary-document" };

/** How a request may end, each time with all secrets at hand. */
const LEAKY = {
  "fetch rejects with an error that carries the request": (init) => {
    const error = new TypeError(`failed to send ${init.headers.authorization}`, { cause: { headers: Object.entries(init.headers) } });
    throw Object.assign(error, { init, headers: { ...init.headers }, request: { authorization: SECRETS.token } });
  },
  "the server repeats the token": () => Response.json({ error: `Invalid token ${SECRETS.token}` }, { status: 401 }),
  "the body is no JSON": () => new Response(`${SECRETS.document}, and more of the same`, { status: 200 }),
  "the body of a refusal is a page": () => new Response(`<p>${SECRETS.document}`, { status: 500, headers: { "content-type": "text/html" } }),
  "the shape is impossible": () => Response.json({ files: [{ status: "processed", result: SECRETS.document }, SECRETS.document] }),
  "a status is not known": () => Response.json({ files: [{ status: SECRETS.document, result: { name: SECRETS.document } }] }),
  "the body breaks off": () => Object.assign(new Response(), { json: () => Promise.reject(new TypeError(`terminated at ${SECRETS.token}`)) }),
};

for (const [how, end] of Object.entries(LEAKY)) {
  test(`no log sees a token, a header or a document when ${how}`, async () => {
    const events = [];
    const client = new ExtractaClient({
      baseUrl: NOWHERE,
      token: SECRETS.token,
      headers: { "x-proxy-key": SECRETS.header },
      minIntervalMs: 0,
      onEvent: (event) => events.push(event),
      fetch: async (_url, init) => {
        assert.equal(init.headers["x-proxy-key"], SECRETS.header);
        return end(init);
      },
    });
    const error = await rejection(client.pollUntilDone(extraction("b"), { maxRetries: 0, onUnknownStatus: "throw" }));
    assert.ok(isExtractaError(error), String(error));
    const text = `${loggable(error)}\n${inspect(events, { depth: null })}\n${inspect(client, { depth: null, showHidden: true })}`;
    assert.ok(text.includes("ExtractaError"));
    for (const secret of Object.values(SECRETS)) assert.ok(!text.includes(secret), `${secret} in:\n${text}`);
  });
}

test("events are plain data without token or document content", async () => {
  const events = [];
  const client = new ExtractaClient({
    baseUrl: NOWHERE,
    token: SECRETS.token,
    minIntervalMs: 0,
    onEvent: (event) => events.push(event),
    fetch: answering((body) => (events.length > 4 ? finished(body) : { status: "waiting", note: SECRETS.document })),
  });
  await client.pollUntilDone(extraction("b1"), { intervalMs: 5 });
  assert.deepEqual(structuredClone(events), events);
  assert.deepEqual([...new Set(events.map(({ type }) => type))].toSorted(), ["request", "response", "settled", "wait"]);
  assert.ok(events.every(({ batchId, endpoint }) => batchId === "b1" && endpoint === "getBatchResults"));
  for (const secret of Object.values(SECRETS)) assert.ok(!JSON.stringify(events).includes(secret));
});
