// Whatever a caller passes in, the call ends, with a typed error or the right result, and the next one works.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { ExtractaClient } from "extracta-wasm";
import { answering, extraction, finished, newToken } from "./standin.mjs";
import { assertNextClientWorks, endOf, inProcess } from "./survival.mjs";

const BOOM = new RangeError("mine");
const boom = () => {
  throw BOOM;
};
const MINE = { thrown: BOOM };

function revoked(target = {}) {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** Every trap of a proxy throws. */
const hostile = () => new Proxy({}, new Proxy({}, { get: () => boom }));

const poll = (batch, options) => () => new ExtractaClient(inProcess()).pollUntilDone(batch, options);
const withClient = (options) => () => new ExtractaClient({ ...inProcess(), ...options }).pollUntilDone(extraction("b"));
const withoutRetries = (options) => () =>
  new ExtractaClient({ ...inProcess(), ...options }).pollUntilDone(extraction("b"), { maxRetries: 0 });
const failingOnce = (calls = []) => () => (calls.push(1) === 1 ? boom() : newToken());
const getter = (name, others = {}) => Object.defineProperty({ ...others }, name, { get: boom, enumerable: true });

/** What is passed, the call, and how it may end. */
const ENDS = [
  ["sharePacing: a getter of hold that throws", withClient({ sharePacing: getter("hold", { reserve: () => 0 }) }), "INVALID_OPTION"],
  ["sharePacing: a proxy whose every trap throws", withClient({ sharePacing: hostile() }), "INVALID_OPTION"],
  ["batch: a getter that throws", poll(getter("batchId", { extractionId: "e" })), MINE],
  ["batch: a proxy", poll(new Proxy(extraction("b"), {})), "done"],
  ["batch: a proxy whose every trap throws", poll(hostile()), MINE],
  ["batch: a revoked proxy", poll(revoked()), "INVALID_OPTION", "TypeError"],
  ["batch: a frozen object", poll(Object.freeze(extraction("b"))), "done"],
  ["batch: without prototype", poll(Object.assign(Object.create(null), extraction("b"))), "done"],
  ["batch: inherited ids", poll(Object.create(extraction("b"))), "done"],
  ["batch: a number as id", poll({ extractionId: 7, batchId: "b" }), "INVALID_OPTION"],
  ["batch: a String object as id", poll({ extractionId: new String("e"), batchId: "b" }), "INVALID_OPTION"],
  ["batch: a symbol as id", poll({ extractionId: Symbol("e"), batchId: "b" }), "INVALID_OPTION"],
  ["batch: a bigint as id", poll({ extractionId: 7n, batchId: "b" }), "INVALID_OPTION"],
  ["batch: an array", poll(["e", "b"]), "INVALID_OPTION"],
  ["batch: a function", poll(() => {}), "INVALID_OPTION"],
  ["batch: a string", poll("b"), "INVALID_OPTION"],

  ["options: frozen", poll(extraction("b"), Object.freeze({ timeoutMs: 60_000 })), "done"],
  ["options: a proxy whose every trap throws", poll(extraction("b"), hostile()), MINE],
  ["options: a revoked proxy", poll(extraction("b"), revoked()), "INVALID_OPTION", "TypeError"],
  ["options: of the client, a proxy whose every trap throws", () => new ExtractaClient(hostile()), MINE],
  ["options: of the client, a revoked proxy", () => new ExtractaClient(revoked()), "INVALID_OPTION", "TypeError"],
  ...["signal", "requestTimeoutMs", "timeoutMs", "intervalMs", "initialDelayMs", "maxRetries", "onProgress", "onUnknownStatus"].map((name) => [
    `options: a getter of ${name} that throws`,
    poll(extraction("b"), getter(name)),
    MINE,
  ]),
  ...["token", "baseUrl", "fetch", "headers", "requestTimeoutMs", "minIntervalMs", "allowTokenInBrowser", "onEvent", "sharePacing"].map((name) => [
    `options: of the client, a getter of ${name} that throws`,
    () => new ExtractaClient(getter(name)),
    MINE,
  ]),

  ...[NaN, -1, -Infinity, "5", null, {}, 5n, Symbol("5"), new Number(5)].flatMap((value) => [
    ...["requestTimeoutMs", "timeoutMs", "intervalMs", "initialDelayMs", "maxRetries"].map((name) => [
      `${name}: ${inspect(value)}`,
      poll(extraction("b"), { [name]: value }),
      "INVALID_OPTION",
    ]),
    ...["requestTimeoutMs", "minIntervalMs"].map((name) => [`${name} of the client: ${inspect(value)}`, withClient({ [name]: value }), "INVALID_OPTION"]),
  ]),
  ...[2 ** 31, 2 ** 53, Number.MAX_VALUE].flatMap((value) => [
    ...["requestTimeoutMs", "timeoutMs", "intervalMs"].map((name) => [`${name}: ${value}`, poll(extraction("b"), { [name]: value }), "done"]),
    [`requestTimeoutMs of the client: ${value}`, withClient({ requestTimeoutMs: value }), "done"],
    [`minIntervalMs: ${value}`, withClient({ minIntervalMs: value }), "done"],
    [`initialDelayMs: ${value}, aborted`, () => {
      const signal = AbortSignal.timeout(50);
      return poll(extraction("b"), { initialDelayMs: value, signal })();
    }, "TimeoutError"],
  ]),
  ["timeoutMs: Number.MIN_VALUE", poll(extraction("b"), { timeoutMs: Number.MIN_VALUE }), "INVALID_OPTION"],

  ["baseUrl: an object that throws when it is made text", withClient({ baseUrl: { toString: boom } }), "INVALID_OPTION"],
  ["baseUrl: a href that throws", withClient({ baseUrl: getter("href") }), "INVALID_OPTION", MINE],
  ["headers: a proxy whose every trap throws", withClient({ headers: hostile() }), "INVALID_OPTION", MINE],
  ["headers: a getter that throws", withClient({ headers: getter("x") }), "INVALID_OPTION", MINE],
  ["headers: a revoked proxy", withClient({ headers: revoked() }), "INVALID_OPTION", "TypeError"],
  ["headers: a symbol as value", withClient({ headers: { x: Symbol("x") } }), "INVALID_OPTION"],
  ["headers: a line break in a value", withClient({ headers: { x: "a\r\nb: c" } }), "INVALID_OPTION"],

  ["signal: aborted throws", poll(extraction("b"), { signal: getter("aborted", { addEventListener() {}, removeEventListener() {} }) }), "INVALID_OPTION", MINE],
  ["signal: listening throws", poll(extraction("b"), { signal: { aborted: false, addEventListener: boom, removeEventListener() {} } }), "done", "INVALID_OPTION", MINE],
  ["signal: it cannot be left alone", poll(extraction("b"), { signal: { aborted: false, addEventListener() {} } }), "done", "INVALID_OPTION"],
  ["signal: leaving it alone throws", poll(extraction("b"), { signal: { aborted: false, addEventListener() {}, removeEventListener: boom } }), "done"],
  ["signal: its reason throws", poll(extraction("b"), { signal: getter("reason", { aborted: true, addEventListener() {}, removeEventListener() {} }) }), "INVALID_OPTION", MINE],
  ["signal: it calls its listeners at once, and again", () => {
    const addEventListener = (_, tell) => {
      tell();
      tell();
    };
    return poll(extraction("b"), { signal: { aborted: false, reason: BOOM, addEventListener, removeEventListener() {} } })();
  }, MINE],
  ["signal: its listeners stay, and are called after the end", async () => {
    let tell;
    const signal = { aborted: false, addEventListener: (_, listener) => (tell = listener), removeEventListener() {} };
    const results = await poll(extraction("b"), { signal })();
    // Nobody listens any more. It may be called, but must not reach into memory that is gone.
    try {
      tell();
    } catch (error) {
      assert.ok(!(error instanceof WebAssembly.RuntimeError), error.stack);
    }
    return results;
  }, "done"],

  ...[undefined, null, 0, "text", Symbol("s")].map((value) => [
    `onProgress: it throws ${inspect(value)}`,
    poll(extraction("b"), {
      onProgress() {
        throw value;
      },
    }),
    { thrown: value },
  ]),
  ["onProgress: it makes the results unreadable", poll(extraction("b"), { onProgress: ({ results }) => Object.assign(results, { files: null, done: null }) }), "waiting"],
  ["onEvent: it throws", withClient({ onEvent: boom }), "done"],
  ["onEvent: it changes the events it receives", withClient({ onEvent: (event) => Object.keys(event).forEach((name) => delete event[name]) }), "done"],

  ...[undefined, null, "", 5, {}, "two words", "tök", "a\nb", Symbol("t")].map((value) => [
    `token: a function that gives ${inspect(value)}`,
    withoutRetries({ token: () => value }),
    "INVALID_OPTION",
  ]),
  ["token: a function that throws each time", withClient({ token: boom }), "RETRIES_EXHAUSTED"],
  ["token: a function that throws once", withClient({ token: failingOnce() }), "done"],
  ["token: a function that throws", withoutRetries({ token: boom }), MINE],
  ["token: a function that rejects with undefined", withoutRetries({ token: () => Promise.reject() }), { thrown: undefined }],
  ["token: a function that never gives one", withClient({ requestTimeoutMs: 30, token: () => new Promise(() => {}) }), "RETRIES_EXHAUSTED", "REQUEST_TIMEOUT"],
  ["token: a thenable that throws", withoutRetries({ token: () => ({ then: boom }) }), MINE],
  ["token: a thenable that settles twice", withClient({ token: () => ({ then: (settle) => (settle("a"), settle("b")) }) }), "done"],
  ["token: a getter of then that throws", withoutRetries({ token: () => getter("then") }), MINE],
];

for (const [what, call, ...allowed] of ENDS) {
  test(what, async () => {
    const end = await endOf(call);
    const name = end.thrown instanceof Error ? end.thrown.name : undefined;
    const fits = allowed.some((one) => (one?.constructor === Object ? "thrown" in Object(end) && Object.is(end.thrown, one.thrown) : one === end || one === name));
    assert.ok(fits, `it ended with ${inspect(end)}`);
    await assertNextClientWorks();
  });
}

test("what a poll is given never makes it throw: it rejects", async () => {
  for (const batch of [hostile(), revoked(), null, extraction("b")]) {
    for (const options of [hostile(), revoked(), null, { signal: revoked() }, { signal: hostile() }]) {
      const client = new ExtractaClient(inProcess());
      for (const method of ["pollUntilDone", "getBatchResults", "getClassificationResults"]) {
        const promise = client[method](batch, options);
        assert.ok(promise instanceof Promise);
        await assert.rejects(promise);
      }
    }
  }
  await assertNextClientWorks();
});

test("ids arrive as they are, whatever is in them", async () => {
  for (const id of ["a\nb", "a\r\nb", '"', "\\", "'", "-OExample", "--", "</script>", "\0", "\u2028", "{}", "../..", "%2e", "ü 😀", " "]) {
    const bodies = [];
    const fetch = async (_url, init) => {
      bodies.push(JSON.parse(init.body));
      return Response.json(finished(bodies[0]));
    };
    const batch = { extractionId: id, batchId: id, fileId: id };
    assert.equal(await endOf(() => new ExtractaClient(inProcess(fetch)).pollUntilDone(batch)), "done");
    assert.deepEqual(bodies, [batch]);
  }
});

test("a provider that throws only when it is to renew the token fails that attempt with what it throws", async () => {
  const token = ({ forceRefresh }) => (forceRefresh ? boom() : newToken());
  const fetch = async () => Response.json({ error: "expired" }, { status: 401 });
  const poll = () => new ExtractaClient({ ...inProcess(fetch), token }).pollUntilDone(extraction("b"), { maxRetries: 0 });
  assert.deepEqual(await endOf(poll), MINE);
  await assertNextClientWorks();
});

test("a provider that uses the client itself is served", async () => {
  let depth = 0;
  const client = new ExtractaClient({
    ...inProcess(),
    async token() {
      depth += 1;
      if (depth === 1) await client.getBatchResults(extraction("inner"));
      return "t";
    },
  });
  assert.equal(await endOf(() => client.pollUntilDone(extraction("b"))), "done");
});

test("callbacks that call the client again are served", async () => {
  const inner = [];
  const client = new ExtractaClient({
    ...inProcess(answering(finished)),
    onEvent: ({ type, batchId }) => batchId === "outer" && inner.push(client.pollUntilDone(extraction(`${type}`))),
  });
  const onProgress = () => inner.push(client.pollUntilDone(extraction("progress")));
  assert.equal(await endOf(() => client.pollUntilDone(extraction("outer"), { onProgress })), "done");
  assert.ok(inner.length >= 3);
  for (const call of inner) assert.equal(await endOf(() => call), "done");
});
