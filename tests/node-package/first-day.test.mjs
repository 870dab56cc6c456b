// What new users ran into on their first day, as it is to be.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ExtractaClient, isExtractaError, isProcessed } from "extracta-wasm";
import { runNode } from "./child.mjs";
import { answering, classification, extraction, fast, finished, newToken, NOWHERE, oneTurn, rejection, requestsOf } from "./standin.mjs";

const waiting = (ids) => ({ ...ids, status: "waiting", files: [] });
const inProcess = (fetch = answering(finished), more) => new ExtractaClient({ baseUrl: NOWHERE, token: newToken(), minIntervalMs: 0, fetch, ...more });

test("RETRIES_EXHAUSTED says its cause's own sentence, and without retries the cause itself is thrown", async () => {
  const client = inProcess(async () => Response.json({ error: "no" }, { status: 503 }));
  const error = await rejection(client.pollUntilDone(extraction("b"), { maxRetries: 1 }));
  assert.equal(error.code, "RETRIES_EXHAUSTED");
  assert.match(error.message, /The server failed to answer\. Try again later\..*batch b.*HTTP 503.*the server says: no/);
  assert.ok(isExtractaError(error.cause, "SERVER"));
  assert.deepEqual([error.cause.batchId, error.cause.url], [error.batchId, error.url]);
  assert.equal((await rejection(client.pollUntilDone(extraction("b"), { maxRetries: 0 }))).code, "SERVER");
});

test("an error carries the ids and the address of its call, in its JSON too", async () => {
  const client = inProcess(async () => Response.json({}, { status: 404 }));
  const error = await rejection(client.pollUntilDone({ ...classification("b"), fileId: "f" }));
  const { batchId, classificationId, fileId, url } = JSON.parse(JSON.stringify(error));
  assert.deepEqual({ batchId, classificationId, fileId, url }, {
    batchId: "b", classificationId: "any-classification", fileId: "f", url: `${NOWHERE}/documentClassification/getResults`,
  });
});

test("POLL_TIMEOUT after nothing but failures has the last as its cause", async () => {
  const client = inProcess(() => Promise.reject(new TypeError("down")));
  const error = await rejection(client.pollUntilDone(extraction("b"), { timeoutMs: 2_000, intervalMs: 10, maxRetries: 100 }));
  assert.equal(error.code, "POLL_TIMEOUT");
  assert.ok(isExtractaError(error.cause, "NETWORK"));
  assert.match(error.message, /Every request failed/);
});

test("a stack shows the caller's line, of calls that throw and of those that are awaited", async () => {
  const ownFrame = /first-day\.test\.mjs/;
  const firstFrame = ({ stack }) => stack.split("\n").find((line) => /^\s+at /.test(line)) ?? "";
  const client = inProcess(async () => Response.json({}, { status: 404 }));
  const thrown = [
    () => new ExtractaClient({ apiKey: "k" }),
    () => client.watch({}),
    () => client.resume("{}"),
  ].map((call) => {
    try {
      call();
    } catch (error) {
      return error;
    }
  });
  for (const call of [() => client.pollUntilDone(extraction("b")), () => client.getBatchResults({}), () => client.getClassificationResults(classification("b"))]) {
    const awaited = async () => {
      await call();
    };
    thrown.push(await rejection(awaited()));
  }
  for (const error of thrown) {
    assert.match(firstFrame(error), ownFrame, error.stack);
    assert.doesNotMatch(error.stack, /wasm|extracta-wasm\/dist/);
  }
});

test("what a caller's function threw keeps its stack", async () => {
  const mine = new Error("mine");
  const { stack } = mine;
  const poll = inProcess().pollUntilDone(extraction("b"), {
    onProgress() {
      throw mine;
    },
  });
  assert.equal(await rejection(poll), mine);
  assert.equal(mine.stack, stack);
});

test("http: to extracta.ai with a key is refused, and no spelling escapes the floor", () => {
  const { token } = fast();
  for (const host of ["api.extracta.ai", "api.extracta.ai.", "API.EXTRACTA.AI", "%61pi.extracta.ai"]) {
    for (const key of [{ token }, { token: () => token }, { headers: { Authorization: `Bearer ${token}` } }]) {
      assert.throws(() => new ExtractaClient({ baseUrl: `http://${host}/api/v1`, ...key }), { code: "INVALID_OPTION", option: "baseUrl" });
    }
    assert.throws(() => new ExtractaClient({ baseUrl: `https://${host}:443/api//v1`, minIntervalMs: 10 }), { option: "minIntervalMs" });
    assert.ok(new ExtractaClient({ baseUrl: `http://${host}/api/v1` }), "without a key there is nothing to protect");
  }
});

test("spellings of one address share a lane, and so do a token and the same key in the headers", async () => {
  const key = newToken();
  const starts = [];
  const fetch = answering((ids) => (starts.push(performance.now()), finished(ids)));
  const spellings = [
    { baseUrl: "https://proxy.example/api", token: key },
    { baseUrl: "https://PROXY.example./api/", token: key },
    { baseUrl: "https://proxy.example:443//api", token: () => key },
    { baseUrl: "https://proxy.example/%61p%69", headers: { Authorization: `Bearer ${key}` } },
  ];
  await Promise.all(spellings.map((options) => new ExtractaClient({ ...options, minIntervalMs: 80, fetch }).getBatchResults(extraction(JSON.stringify(options.baseUrl)))));
  assert.equal(starts.length, spellings.length);
  for (let n = 1; n < starts.length; n++) assert.ok(starts[n] - starts[n - 1] >= 79, `${starts[n] - starts[n - 1]} ms`);
});

test("a key in the headers is a key on a web page too, and is kept out of what a server says", async () => {
  const headers = { authorization: "Bearer canary-key" };
  globalThis.window = globalThis;
  globalThis.document = {};
  try {
    assert.throws(() => new ExtractaClient({ headers }), { code: "BROWSER_TOKEN", option: "headers" });
  } finally {
    for (const name of ["window", "document"]) delete globalThis[name];
  }
  const client = inProcess(async () => Response.json({ error: "no such key: canary-key" }, { status: 401 }), { token: undefined, headers });
  const error = await rejection(client.getBatchResults(extraction("b")));
  assert.match(error.serverMessage, /•••/);
  assert.ok(!error.message.includes("canary-key"));
});

test("header values that are undefined are left out, and whatever new Headers() takes is taken", async () => {
  for (const headers of [{ "x-a": "1", "x-b": undefined }, [["x-a", "1"]], new Map([["x-a", "1"]]), new Headers({ "x-a": "1" })]) {
    let sent;
    await inProcess(async (_url, init) => ((sent = init.headers), Response.json({ files: [] })), { headers }).getBatchResults(extraction("b"));
    assert.deepEqual([sent["x-a"], "x-b" in sent], ["1", false]);
  }
});

test("media types are compared without case", async () => {
  const fetch = async () => new Response(JSON.stringify({ error: "words" }), { status: 400, headers: { "content-type": "Application/JSON" } });
  assert.equal((await rejection(inProcess(fetch).getBatchResults(extraction("b")))).serverMessage, "words");
});

test("what others add to all objects is no option", async () => {
  Object.assign(Object.prototype, { baseUrl: "https://elsewhere.example", batchId: "polluted", timeoutMs: -1 });
  try {
    let url;
    const client = new ExtractaClient({ minIntervalMs: 2_000, fetch: async (to) => ((url = to), Response.json({ files: [] })) });
    await client.getBatchResults(extraction("b"));
    assert.equal(url, "https://api.extracta.ai/api/v1/getBatchResults");
    assert.equal((await rejection(client.pollUntilDone({ extractionId: "e" }))).option, "batchId");
    class Options {
      get baseUrl() {
        return NOWHERE;
      }
    }
    await new ExtractaClient(Object.assign(new Options(), { fetch: async (to) => ((url = to), Response.json({ files: [] })) })).getBatchResults(extraction("b"));
    assert.equal(url, `${NOWHERE}/getBatchResults`);
  } finally {
    for (const name of ["baseUrl", "batchId", "timeoutMs"]) delete Object.prototype[name];
  }
});

test("events close what they open, say how a call ended, and tell two polls of a batch apart", async () => {
  const events = [];
  const onEvent = (event) => events.push(event);
  const down = inProcess(() => Promise.reject(new TypeError("down")), { onEvent });
  await rejection(down.getBatchResults({ ...extraction("b"), fileId: "f" }));
  assert.deepEqual(events.map(({ type }) => type), ["request", "failure", "settled"]);
  const [, failure, settled] = events;
  assert.deepEqual([failure.code, failure.attempt, typeof failure.durationMs], ["NETWORK", 1, "number"]);
  assert.deepEqual([settled.outcome, settled.code, settled.attempts, typeof settled.elapsedMs], ["failed", "NETWORK", 1, "number"]);
  for (const { extractionId, batchId, fileId } of events) assert.deepEqual({ extractionId, batchId, fileId }, { extractionId: "any-extraction", batchId: "b", fileId: "f" });

  events.length = 0;
  const client = inProcess(answering(waiting), { onEvent, minIntervalMs: 5 });
  const watches = [client.watch(extraction("b")), client.watch(extraction("b"))];
  await oneTurn();
  watches[0].cancel();
  client.close();
  for (const { result } of watches) await rejection(result);
  const ends = events.filter(({ type }) => type === "settled");
  assert.deepEqual(ends.map(({ outcome, code }) => [outcome, code]).sort(), [["cancelled", undefined], ["failed", "CLOSED"]]);
  assert.equal(new Set(ends.map(({ pollId }) => pollId)).size, 2);

  events.length = 0;
  await inProcess(answering(finished), { onEvent }).pollUntilDone(extraction("b"), { initialDelayMs: 3_000 });
  assert.deepEqual(events.map(({ type }) => type), ["wait", "request", "response", "settled"]);
  assert.equal(events.at(-1).outcome, "done");
});

test("the wait for a place in line is an event too", async () => {
  const events = [];
  // Long beside anything that this machine may do in between.
  const client = inProcess(answering(finished), { minIntervalMs: 3_000, onEvent: (event) => events.push(event) });
  await client.pollUntilDone(extraction("first"));
  await client.pollUntilDone(extraction("second"));
  const [first] = events.filter(({ batchId }) => batchId === "second");
  assert.equal(first.type, "wait");
  assert.ok(first.waitMs > 0 && first.waitMs <= 3_001, `${first.waitMs} ms`);
});

test("progress begins with the place in line, and a watch has its latest at any time", async () => {
  const client = inProcess(answering(waiting), { minIntervalMs: 50 });
  const reported = [];
  const watches = [1, 2, 3].map((n) => client.watch(extraction(`b${n}`), { expectedFiles: 7, onProgress: (progress) => reported.push(progress) }));
  const { attempt, counts, newFiles, results, nextPollInMs, queuePosition } = watches[0].progress;
  assert.deepEqual({ attempt, counts, newFiles, results }, {
    attempt: 0, counts: { total: 7, processed: 0, failed: 0, pending: 7 }, newFiles: [], results: { ...extraction("b1"), done: false, files: [] },
  });
  assert.deepEqual([typeof nextPollInMs, typeof queuePosition], ["number", "number"]);
  await oneTurn();
  assert.deepEqual(reported.slice(0, 3).map(({ attempt, results }) => [attempt, results.batchId]).sort(), [[0, "b1"], [0, "b2"], [0, "b3"]]);
  for await (const progress of watches[0]) {
    if (progress.attempt === 0) continue;
    assert.equal(watches[0].progress.attempt, progress.attempt);
    assert.equal(progress.counts.total, 7, "until files are known");
    break;
  }
  client.close();
  for (const { result } of watches) await rejection(result);
});

test("a promise of onProgress that rejects rejects the poll, that of the last progress too; one of onEvent is swallowed", async () => {
  const mine = new Error("mine");
  for (const when of [0, 1]) {
    const client = inProcess(answering(finished));
    const poll = client.pollUntilDone(extraction("b"), {
      onProgress: async ({ attempt }) => {
        await oneTurn();
        if (attempt === when) throw mine;
      },
    });
    assert.equal(await rejection(poll), mine, `at ${when}`);
  }
  for await (const { error } of inProcess().pollMany([extraction("b")], { onProgress: () => Promise.reject(mine) })) assert.equal(error, mine);
  const { code, stderr } = await runNode(`
    import { ExtractaClient } from "extracta-wasm";
    const fetch = async () => Response.json({ files: [{ status: "processed" }] });
    const client = new ExtractaClient({ baseUrl: "${NOWHERE}", fetch, onEvent: async () => { throw new Error("mine"); } });
    await client.pollUntilDone({ extractionId: "e", batchId: "b" });
  `);
  assert.deepEqual([code, stderr], [0, ""]);
});

test("pollMany gives snapshots of what is open, which are jobs, and names the batch of an error", async () => {
  let ready = false;
  const fetch = answering((ids) => (ids.batchId === "gone" ? { error: "gone" } : ready || ids.batchId === "quick" ? finished(ids) : waiting(ids)));
  const many = inProcess(fetch, { minIntervalMs: 5 }).pollMany([extraction("quick"), extraction("slow"), classification("slower"), extraction("gone")]);
  assert.deepEqual(many.snapshots(), [], "nothing has begun");
  const seen = [(await many.next()).value, (await many.next()).value];
  const { error } = seen.find(({ job }) => job.batchId === "gone");
  assert.deepEqual([error.code, error.batchId], ["API_ERROR", "gone"]);
  const snapshots = many.snapshots();
  assert.deepEqual(snapshots.map((text) => JSON.parse(text).batchId).sort(), ["slow", "slower"]);
  await many.return();
  assert.deepEqual(many.snapshots(), []);
  ready = true;
  const jobs = snapshots.map((snapshot) => ({ snapshot }));
  const settled = [];
  for await (const one of inProcess(fetch).pollMany(jobs)) settled.push(one);
  assert.deepEqual(settled.map(({ results }) => results.batchId).sort(), ["slow", "slower"]);
  assert.ok(settled.every(({ job, index }) => job === jobs[index]));
});

test("a poll is resumed only for the batch in options.batch", async () => {
  const client = inProcess(answering(finished));
  const watch = client.watch({ ...extraction("b"), fileId: "f" });
  const snapshot = watch.snapshot();
  await watch.result;
  for (const batch of [extraction("b"), { ...extraction("b"), fileId: "g" }, { ...extraction("c"), fileId: "f" }, { ...classification("b"), fileId: "f" }]) {
    assert.throws(() => client.resume(snapshot, { batch }), { code: "INVALID_SNAPSHOT" });
  }
  assert.equal((await client.resume(snapshot, { batch: { ...extraction("b"), fileId: "f" } }).result).done, true);
});

test("a client with a path as its address is made anywhere, and asks relative to the document", async () => {
  const urls = [];
  const client = new ExtractaClient({ baseUrl: "api/extracta", fetch: async (url) => (urls.push(url), Response.json({ files: [] })) });
  const error = await rejection(client.getBatchResults(extraction("b")));
  assert.deepEqual([error.code, error.option], ["INVALID_OPTION", "baseUrl"]);
  globalThis.document = { baseURI: "https://app.example/base/" };
  globalThis.location = { href: "about:srcdoc" };
  try {
    await client.getBatchResults(extraction("b"));
  } finally {
    for (const name of ["document", "location"]) delete globalThis[name];
  }
  assert.deepEqual(urls, ["https://app.example/base/api/extracta/getBatchResults"]);
});

test("without a fetch of its own the platform needs the option", async () => {
  const { fetch } = globalThis;
  delete globalThis.fetch;
  try {
    const error = await rejection(new ExtractaClient({ baseUrl: NOWHERE, token: newToken() }).pollUntilDone(extraction("b")));
    assert.deepEqual([error.code, error.option, error.batchId], ["INVALID_OPTION", "fetch", "b"]);
  } finally {
    globalThis.fetch = fetch;
  }
});

for (const [what, change] of [
  ["no WebAssembly", "delete globalThis.WebAssembly;"],
  ["a policy that forbids compiling", "WebAssembly.Module = class { constructor() { throw new WebAssembly.CompileError('blocked by CSP'); } };"],
]) {
  test(`${what} is UNSUPPORTED, and says what to do`, async () => {
    const { stdout, stderr } = await runNode(`
      import { ExtractaClient, isExtractaError } from "extracta-wasm";
      ${change}
      try {
        new ExtractaClient();
      } catch (error) {
        console.log(isExtractaError(error, "UNSUPPORTED"), error.message);
      }
    `);
    assert.match(stdout, /^true .*(allow|Allow)/, stderr);
  });
}

test("isProcessed recognises a file with its result", () => {
  assert.deepEqual([{ status: "processed", result: {} }, { status: "processed" }, { status: "failed", result: {} }].map(isProcessed), [true, false, false]);
});

test("the stand-in saw nothing of an option that is none", async () => {
  const options = fast();
  await rejection(new ExtractaClient(options).pollUntilDone(extraction("done"), { timeout: 5 }));
  assert.deepEqual(await requestsOf(options), []);
});
