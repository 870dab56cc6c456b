// About seventy mistakes of a first day, each with the client's message. docs/mistakes.md is made of them.
import { ExtractaClient } from "extracta-wasm";
import { extraction } from "./standin.mjs";

const HERE = "https://proxy.example/api";
const SECRET = "k-1234567890";

// Each mistake has a lane of its own.
let keys = 0;
const ownKey = () => `${SECRET}-${(keys += 1)}`;

/** A client that never leaves the process: its `fetch` gives what `reply` says. */
const replying = (reply, options) =>
  new ExtractaClient({ baseUrl: HERE, token: ownKey(), minIntervalMs: 0, fetch: async (_url, init) => reply(init), ...options });
const asks = (reply, options) => () => replying(reply, options).getBatchResults(extraction("b1"));
const polls = (reply, call, options) => () => replying(reply, options).pollUntilDone(extraction("b1"), call);
const made = (options) => () => new ExtractaClient(options);
const json = (body, status = 200) => () => Response.json(body, { status });
const page = (status) => () => new Response("<p>", { status, headers: { "content-type": "text/html; charset=utf-8" } });
const typed = (body, type) => () => new Response(body, { headers: type ? { "content-type": type } : {} });
const bytes = (body) => () => new Response(new TextEncoder().encode(body));
const requested = (batch, options) => () => replying(json({})).pollUntilDone(batch, options);
const waiting = json({ status: "waiting", files: [] });
const looped = (jobs, options) => async () => {
  for await (const settled of replying(waiting).pollMany(jobs, options)) if (settled.error) throw settled.error;
};
const snapshot = () => {
  const watch = replying(waiting).watch(extraction("b1"));
  watch.cancel();
  return watch.snapshot();
};

/** What is done, and the code it ends with. */
export const MISTAKES = [
  ["`apiKey` in place of `token`", "INVALID_OPTION", made({ apiKey: SECRET })],
  ["`key` in place of `token`", "INVALID_OPTION", made({ key: SECRET })],
  ["`baseURL`", "INVALID_OPTION", made({ baseURL: HERE })],
  ["`timeout` of the client", "INVALID_OPTION", made({ timeout: 5 })],
  ["An option that does not exist", "INVALID_OPTION", made({ concurrency: 5 })],
  ["A string in place of the options", "INVALID_OPTION", made(SECRET)],
  ["An empty key", "INVALID_OPTION", made({ token: "" })],
  ["A key of another type", "INVALID_OPTION", made({ token: 5 })],
  ["A key read from a file, with its line break", "INVALID_OPTION", made({ token: `${SECRET}\n` })],
  ["A key with a space", "INVALID_OPTION", made({ token: ` ${SECRET}` })],
  ["A key with `Bearer ` before it", "INVALID_OPTION", made({ token: `Bearer ${SECRET}` })],
  ["A key with letters that no header takes", "INVALID_OPTION", made({ token: "schlüssel" })],
  ["A key for extracta.ai over http:", "INVALID_OPTION", made({ baseUrl: "http://api.extracta.ai/api/v1", token: SECRET })],
  ["The same, with the key in `headers`", "INVALID_OPTION", made({ baseUrl: "http://api.extracta.ai./api/v1", headers: { authorization: SECRET } })],
  ["A key in `token` and in `headers`", "INVALID_OPTION", made({ token: SECRET, headers: { Authorization: SECRET } })],
  ["A string in place of headers", "INVALID_OPTION", made({ headers: "x-team: blue" })],
  ["A header with a line break", "INVALID_OPTION", made({ headers: { "x-team": "a\nb" } })],
  ["An address of another scheme", "INVALID_OPTION", made({ baseUrl: "ftp://host" })],
  ["An address with a password", "INVALID_OPTION", made({ baseUrl: `https://user:${SECRET}@host` })],
  ["An address with a query", "INVALID_OPTION", made({ baseUrl: `https://host?key=${SECRET}` })],
  ["A path where there is no page", "INVALID_OPTION", () => new ExtractaClient({ baseUrl: "/api/extracta" }).getBatchResults(extraction("b1"))],
  ["An address without a scheme where there is no page", "INVALID_OPTION", () => new ExtractaClient({ baseUrl: "proxy.example/api" }).getBatchResults(extraction("b1"))],
  ["Faster than extracta.ai allows", "INVALID_OPTION", made({ minIntervalMs: 500 })],
  ["A time that is a string", "INVALID_OPTION", made({ requestTimeoutMs: "5000" })],
  ["`fetch` that is no function", "INVALID_OPTION", made({ fetch: {} })],
  ["`sharePacing` by name", "INVALID_OPTION", made({ sharePacing: "origin" })],
  ["No batch", "INVALID_OPTION", requested()],
  ["A batch id in place of the batch", "INVALID_OPTION", requested("b1")],
  ["A batch without a template", "INVALID_OPTION", requested({ batchId: "b1" })],
  ["A batch of both kinds", "INVALID_OPTION", requested({ extractionId: "e", classificationId: "c", batchId: "b1" })],
  ["A batch without its id", "INVALID_OPTION", requested({ extractionId: "e" })],
  ["An id that is a number", "INVALID_OPTION", requested({ extractionId: 7, batchId: "b1" })],
  ["A classification in `getBatchResults`", "INVALID_OPTION", () => replying(waiting).getBatchResults({ classificationId: "c", batchId: "b1" })],
  ["`timeout` of a poll", "INVALID_OPTION", requested(extraction("b1"), { timeout: 5 })],
  ["`retries`", "INVALID_OPTION", requested(extraction("b1"), { retries: 5 })],
  ["`interval` of a single request", "INVALID_OPTION", () => replying(waiting).getBatchResults(extraction("b1"), { interval: 5 })],
  ["A negative time", "INVALID_OPTION", requested(extraction("b1"), { timeoutMs: -1 })],
  ["Half a retry", "INVALID_OPTION", requested(extraction("b1"), { maxRetries: 0.5 })],
  ["A controller in place of its signal", "INVALID_OPTION", requested(extraction("b1"), { signal: new AbortController() })],
  ["`onProgress` that is no function", "INVALID_OPTION", requested(extraction("b1"), { onProgress: true })],
  ["A value of `onUnknownStatus` that does not exist", "INVALID_OPTION", requested(extraction("b1"), { onUnknownStatus: "ignore" })],
  ["One batch in place of many", "INVALID_OPTION", looped(extraction("b1"))],
  ["A string in place of many batches", "INVALID_OPTION", looped("b1")],
  ["One of many without its id", "INVALID_OPTION", looped([{ extractionId: "e" }])],
  ["An option of many that does not exist", "INVALID_OPTION", looped([], { limit: 5 })],
  ["A string that is no snapshot", "INVALID_SNAPSHOT", () => replying(waiting).resume("{}")],
  ["A snapshot of another batch", "INVALID_SNAPSHOT", () => replying(waiting).resume(snapshot(), { batch: extraction("b2") })],
  ["A client that was closed", "CLOSED", () => {
    const client = replying(waiting);
    client.close();
    return client.pollUntilDone(extraction("b1"));
  }],
  ["No key, and a server that wants one", "UNAUTHENTICATED", asks(json({ error: "no key" }, 401), { token: undefined })],
  ["A key that is wrong", "UNAUTHENTICATED", asks(({ headers }) => Response.json({ error: `bad key ${headers.authorization.slice(7)}` }, { status: 401 }))],
  ["A batch of another account", "FORBIDDEN", asks(json({ error: "not yours" }, 403))],
  ["A firewall on the way", "FORBIDDEN", asks(page(403))],
  ["Ids that do not exist", "NOT_FOUND", asks(json({ error: "no such batch" }, 404))],
  ["A request that the server cannot read", "BAD_REQUEST", asks(json({ message: "bad id" }, 400))],
  ["An address that redirects", "BAD_REQUEST", asks(() => new Response(null, { status: 301, headers: { location: "/" } }))],
  ["Too many requests from elsewhere", "RATE_LIMITED", asks(json({ error: "slow down" }, 429))],
  ["A server that fails", "SERVER", polls(json({ error: "down for repairs" }, 503), { maxRetries: 0 })],
  ["A server that keeps failing", "RETRIES_EXHAUSTED", polls(json({ error: "down for repairs" }, 503), { maxRetries: 1 })],
  ["An error in a reply with status 200", "API_ERROR", asks(json({ error: "Invalid request" }))],
  ["The address of a web page", "NOT_JSON", asks(page(200))],
  ["A reply that is cut off", "NOT_JSON", asks(typed('{"files": [', "application/json"))],
  ["A reply without a type", "NOT_JSON", asks(bytes("hello"))],
  ["A reply of another service", "UNEXPECTED_REPLY", asks(json({ files: "none" }))],
  ["`fetch` that returns no response", "UNEXPECTED_REPLY", asks(() => ({ files: [] }))],
  ["No network", "NETWORK", asks(() => Promise.reject(new TypeError("fetch failed")))],
  ["A server that does not answer", "REQUEST_TIMEOUT", asks(() => new Promise(() => {}), { requestTimeoutMs: 20 })],
  ["A file status newer than this version", "UNKNOWN_STATUS", polls(json({ files: [{ status: "reviewed" }] }), { onUnknownStatus: "throw" })],
  ["A batch that takes longer than `timeoutMs`", "POLL_TIMEOUT", polls(json({ files: [{ status: "processing" }] }), { timeoutMs: 600, intervalMs: 200 })],
  ["A batch that nothing was uploaded to", "POLL_TIMEOUT", polls(json({ files: [] }), { timeoutMs: 600, intervalMs: 200 })],
  ["Failures until the deadline", "POLL_TIMEOUT", polls(() => Promise.reject(new TypeError("fetch failed")), { timeoutMs: 1_000, intervalMs: 20, maxRetries: 100 })],
  ["A deadline that passes while waiting in line", "POLL_TIMEOUT", async () => {
    const client = replying(() => new Promise(() => {}), { requestTimeoutMs: 5_000 });
    const before = client.getBatchResults(extraction("b0")).catch(() => {});
    const late = client.pollUntilDone(extraction("b1"), { timeoutMs: 40 });
    try {
      return await late;
    } finally {
      client.close();
      await before;
    }
  }],
];

/** What a mistake ends with. */
export async function errorOf(run) {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error("it was no mistake");
}

export { SECRET };
