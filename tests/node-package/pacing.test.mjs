// Lanes shared beyond the realm: who decides is asked, obeyed, and survived whatever it does.
import assert from "node:assert/strict";
import { once } from "node:events";
import { suite, test } from "node:test";
import { MessageChannel, Worker } from "node:worker_threads";
import { ExtractaClient } from "extracta-wasm";
import { originPacing } from "extracta-wasm/origin";
import { answering, classification, extraction, fast, finished, gapsOf, newToken, NOWHERE, oneTurn, rejection, requestsOf, withoutSeconds } from "./standin.mjs";

/** No gap is shorter beyond the realm. */
const LEAST_GAP_MS = 200;
/** A slot is of no use half a gap later. Half of this one is long beside anything that this machine may do in between. */
const LONG_GAP_MS = 2_500;

/** Somebody who decides, without a queue, and what it was asked. */
function decider({ reserve, hold } = {}) {
  const closedUntil = new Map();
  const requested = [];
  const close = ({ lane }, ms) => closedUntil.set(lane, Math.max(closedUntil.get(lane) ?? 0, Date.now() + ms));
  return {
    requested,
    of: (what) => requested.filter((request) => request.what === what),
    reserve: (request) => {
      requested.push({ what: "reserve", at: performance.now(), ...request });
      if (reserve) return reserve(request);
      const waitMs = Math.max(0, (closedUntil.get(request.lane) ?? 0) - Date.now());
      if (waitMs === 0) close(request, request.gapMs);
      return waitMs;
    },
    hold: (request) => {
      requested.push({ what: "hold", at: performance.now(), ...request });
      if (hold) return hold(request);
      close(request, request.closedForMs);
    },
  };
}

const inProcess = (sharePacing, more) => ({ baseUrl: NOWHERE, token: newToken(), minIntervalMs: 0, fetch: answering(finished), sharePacing, ...more });

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A `fetch` that answers after a while, and when it was called. */
function slow(ms) {
  const calls = [];
  const fetch = async (url, init) => {
    calls.push(performance.now());
    await later(ms);
    return answering(finished)(url, init);
  };
  return { calls, fetch };
}

test("threads of one process keep one floor, as the stand-in sees it, and all polls finish", async () => {
  // So long that a busy machine lets each thread say in time that its request is under way.
  const options = { ...fast(), minIntervalMs: 1_000 };
  const shared = decider();
  const script = `
    import { parentPort, workerData } from "node:worker_threads";
    import { ExtractaClient } from "extracta-wasm";
    const { options, port } = workerData;
    const answers = new Map();
    let id = 0;
    port.on("message", ({ id, answer }) => answers.get(id)(answer));
    const ask = (what) => (request) => new Promise((resolve) => {
      answers.set(++id, resolve);
      port.postMessage({ id, what, request });
    });
    const client = new ExtractaClient({ ...options, sharePacing: { reserve: ask("reserve"), hold: ask("hold") } });
    const polls = ["done", "waits-1"].map((batchId) => client.pollUntilDone({ extractionId: "e", batchId }));
    const done = (await Promise.all(polls)).filter(({ done }) => done).length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    parentPort.postMessage({ done, violations: client.lanes()[0].refusals });
    port.close();
  `;
  const threads = Array.from({ length: 3 }, async () => {
    const { port1, port2 } = new MessageChannel();
    port1.on("message", async ({ id, what, request }) => {
      // Should this thread have stood still, the words of requests that started meanwhile come first.
      if (what === "reserve") await oneTurn();
      port1.postMessage({ id, answer: shared[what](request) });
    });
    // As a file of this folder, so that it finds the package.
    const source = new URL(`data:text/javascript,${encodeURIComponent(script.replaceAll('"extracta-wasm"', JSON.stringify(import.meta.resolve("extracta-wasm"))))}`);
    const worker = new Worker(source, { workerData: { options, port: port2 }, transferList: [port2] });
    const [reported] = await once(worker, "message");
    port1.close();
    return reported;
  });
  assert.deepEqual(await Promise.all(threads), Array(3).fill({ done: 2, violations: 0 }));
  const { "/getBatchResults": gaps } = await gapsOf(options);
  // The batch that waits does so for the first who asks.
  assert.deepEqual([gaps.count, gaps.violations], [7, 0]);
  assert.ok(gaps.smallestGapMs >= 1_000, `${gaps.smallestGapMs} ms`);
  assert.equal(new Set(shared.requested.map(({ member }) => member)).size, 3, "a member for each thread");
  assert.equal(new Set(shared.requested.map(({ lane }) => lane)).size, 1);
});

test("a lane is named by endpoint and account, without the token; the member stays", async () => {
  const shared = decider();
  const token = newToken();
  const [one, other] = [inProcess(shared, { token }), inProcess(shared, { token })].map((options) => new ExtractaClient(options));
  await one.getBatchResults(extraction("b"));
  await other.getBatchResults(extraction("b"));
  await other.getClassificationResults(classification("b"));
  await new ExtractaClient(inProcess(shared)).getBatchResults(extraction("b"));
  const names = shared.of("reserve").map(({ lane }) => lane);
  const lanes = [...new Set(names)];
  assert.deepEqual(lanes.map((lane) => lane.split(" ")[0]), ["getBatchResults", "documentClassification/getResults", "getBatchResults"]);
  assert.ok(!JSON.stringify(shared.requested).includes(token));
  assert.equal(new Set(shared.requested.map(({ member }) => member)).size, 1);
  assert.match(shared.requested[0].member, /^\w{4,}$/);
});

test("the lane is held from the start of a request until a gap after its headers", async () => {
  const shared = decider();
  const { calls, fetch: answer } = slow(1_000);
  const fetch = async (...request) => {
    const response = await answer(...request);
    // On a busy machine it is renewed less often in a second.
    while (shared.of("hold").length < 4) await later(20);
    return response;
  };
  await new ExtractaClient(inProcess(shared, { fetch })).getBatchResults(extraction("b"));
  const answeredAt = performance.now();
  await later(3 * LEAST_GAP_MS);
  assert.equal(shared.requested[0].what, "reserve");
  assert.equal(shared.requested[0].gapMs, LEAST_GAP_MS);
  const holds = shared.of("hold");
  assert.ok(holds.every(({ closedForMs }) => closedForMs === LEAST_GAP_MS));
  assert.ok(holds.length > 4, `${holds.length} times`);
  assert.ok(holds.at(-1).at <= answeredAt, "and no more afterwards");
  assert.ok(holds.at(-1).at >= calls.at(-1) + 990, "once more when the headers were there");
});

test("a refusal's pause holds the lane for everybody", async () => {
  const shared = decider();
  const options = { ...fast(), sharePacing: shared };
  await rejection(new ExtractaClient(options).getBatchResults(extraction("rate-limited")));
  assert.ok(shared.of("hold").some(({ closedForMs }) => closedForMs >= 1_000), "it asked for one second");
});

test("an aborted request holds the lane for a gap from then, and is renewed no more", async () => {
  const shared = decider();
  const controller = new AbortController();
  const fetch = (url, { signal }) => {
    setTimeout(() => controller.abort(), 300);
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  };
  const call = new ExtractaClient(inProcess(shared, { fetch })).getBatchResults(extraction("b"), { signal: controller.signal });
  await rejection(call);
  await later(10);
  const holds = shared.of("hold").length;
  assert.ok(holds >= 2);
  await later(3 * LEAST_GAP_MS);
  assert.equal(shared.of("hold").length, holds);
});

test("a slot that others have is given back: nothing is sent or counted, and the most worthy uses the next", async () => {
  const WAIT_MS = 4_000;
  const answers = [WAIT_MS, 0];
  const shared = decider({ reserve: () => answers.shift() ?? 0 });
  const sent = [];
  const fetch = answering((ids) => (sent.push(ids.batchId), finished(ids)));
  const client = new ExtractaClient(inProcess(shared, { fetch, minIntervalMs: 3_000 }));
  const startedAt = performance.now();
  const first = client.pollUntilDone(extraction("first"));
  await later(100);
  const [lane] = client.lanes();
  assert.deepEqual([lane.requests, lane.inFlight, lane.waiting, lane.pausedForMs], [0, false, 1, 0]);
  assert.ok(lane.nextSlotInMs > 300, `${lane.nextSlotInMs} ms`);
  const second = client.pollUntilDone(extraction("second"), { priority: 1_000 });
  await later(100);
  assert.equal(shared.of("reserve").length, 1, "nobody else asks in the meantime");
  await Promise.all([first, second]);
  assert.deepEqual(sent, ["second", "first"]);
  assert.ok(shared.of("reserve")[1].at - startedAt >= WAIT_MS);
  assert.equal(client.lanes()[0].requests, 2);
});

test("a token provider is not called again for a slot that is put off", async () => {
  const answers = [20, 20, 20, 0];
  let tokens = 0;
  const options = inProcess(decider({ reserve: () => answers.shift() ?? 0 }), { token: () => `t${tokens++}` });
  await new ExtractaClient(options).getBatchResults(extraction("b"));
  assert.equal(tokens, 1);
});

/** What it does, and what the error's cause says; none where nothing came. */
const LIES = [
  ["rejects", () => Promise.reject(new Error("store is down")), "store is down"],
  ["throws", () => { throw new Error("store is gone"); }, "store is gone"],
  ["gives nothing", () => {}, "Neither 0 nor a number of milliseconds."],
  ["gives NaN", () => NaN, "Neither 0 nor a number of milliseconds."],
  ["gives Infinity", async () => Infinity, "Neither 0 nor a number of milliseconds."],
  ["gives less than nothing", () => -1, "Neither 0 nor a number of milliseconds."],
  ["gives text", () => "0", "Neither 0 nor a number of milliseconds."],
  ["gives a bigint", () => 5n, "Neither 0 nor a number of milliseconds."],
  ["gives an object whose members throw", () => new Proxy({}, { get: () => { throw new Error("mine"); } }), "mine"],
  ["never settles", () => new Promise(() => {}), undefined],
  ["grants too late to use", async () => (await later(LONG_GAP_MS), 0), "The slot was granted too late."],
];

// They wait for their gaps.
suite("what reserve may do", { concurrency: true }, () => {
  for (const [what, reserve, cause] of LIES) {
    test(`reserve ${what}: no request, NETWORK with what to check, and a poll tries again`, async () => {
      let requested = 0;
      const sent = [];
      const fetch = answering((ids) => (sent.push(ids), finished(ids)));
      const shared = decider({ reserve: (request) => (requested++ < 2 ? reserve(request) : 0) });
      // Short only where it is what ends the wait.
      const requestTimeoutMs = cause === undefined ? 400 : 60_000;
      const client = new ExtractaClient(inProcess(shared, { fetch, requestTimeoutMs, minIntervalMs: LONG_GAP_MS }));
      const error = await rejection(client.getBatchResults(extraction("b")));
      assert.equal(error.code, "NETWORK");
      assert.equal(error.retryable, true);
      assert.match(withoutSeconds(error.message), /^getBatchResults: sharePacing returned neither a slot nor a time to wait\. Check its reserve function\. \(batch b, at /);
      assert.equal(error.cause?.message, cause);
      assert.equal(sent.length, 0);
      assert.equal((await client.pollUntilDone(extraction("b"))).done, true);
      assert.deepEqual([requested, sent.length], [3, 1]);
    });
  }
});

test("a request that is sent too late for its slot is called off before anything goes out, and asks for another once", async (t) => {
  // The clock says that sending took a gap.
  const { now } = Date;
  let [aheadMs, late] = [0, 1];
  Date.now = () => now() + aheadMs;
  t.after(() => (Date.now = now));
  const signals = [];
  const fetch = (url, init) => {
    signals.push(init.signal);
    if (late-- > 0) aheadMs += LONG_GAP_MS;
    return answering(finished)(url, init);
  };
  const ask = () => new ExtractaClient(inProcess(decider(), { fetch, minIntervalMs: LONG_GAP_MS })).getBatchResults(extraction("b"));
  assert.equal((await ask()).done, true);
  assert.deepEqual(signals.slice(0, 2).map(({ aborted }) => aborted), [true, false]);
  late = Infinity;
  const error = await rejection(ask());
  assert.equal(error.code, "NETWORK");
  assert.match(error.message, /The slot was granted too late\./);
  assert.ok(signals.slice(-2).every(({ aborted }) => aborted));
});

test("a store that stays down uses up a poll's retries", async () => {
  const shared = decider({ reserve: () => Promise.reject(new Error("down")) });
  const error = await rejection(new ExtractaClient(inProcess(shared)).pollUntilDone(extraction("b"), { maxRetries: 2 }));
  assert.equal(error.code, "RETRIES_EXHAUSTED");
  assert.equal(error.cause.code, "NETWORK");
  assert.equal(shared.of("reserve").length, 3);
});

test("a store that never answers is waited for no longer than the poll may take", async () => {
  const shared = decider({ reserve: () => new Promise(() => {}) });
  const client = new ExtractaClient(inProcess(shared, { requestTimeoutMs: 300 }));
  const error = await rejection(client.pollUntilDone(extraction("b"), { timeoutMs: 500, maxRetries: 100 }));
  assert.equal(error.code, "POLL_TIMEOUT");
  assert.ok(error.elapsedMs >= 500);
});

test("an abort, a cancel and a close end the wait for an answer at once", async () => {
  const never = () => new Promise(() => {});
  const mine = new Error("mine");
  const controller = new AbortController();
  const client = new ExtractaClient(inProcess(decider({ reserve: never })));
  const call = client.getBatchResults(extraction("b"), { signal: controller.signal });
  await later(20);
  controller.abort(mine);
  assert.equal(await rejection(call), mine);

  const other = new ExtractaClient(inProcess(decider({ reserve: never })));
  const watch = other.watch(extraction("b"));
  const closed = new ExtractaClient(inProcess(decider({ reserve: never })));
  const pending = closed.pollUntilDone(extraction("b"));
  await later(20);
  watch.cancel(mine);
  assert.equal(await rejection(watch.result), mine);
  closed.close();
  assert.equal((await rejection(pending)).code, "CLOSED");
});

test("a hold that fails fails nothing, and is no unhandled rejection", async (t) => {
  const unhandled = [];
  const listen = (reason) => unhandled.push(reason);
  process.on("unhandledRejection", listen);
  t.after(() => process.off("unhandledRejection", listen));
  const holds = [() => Promise.reject(new Error("mine")), () => { throw new Error("mine"); }, () => new Promise(() => {})];
  for (const hold of holds) {
    const shared = decider({ hold });
    assert.equal((await new ExtractaClient(inProcess(shared)).getBatchResults(extraction("b"))).done, true);
    assert.ok(shared.of("hold").length >= 2);
  }
  await later(20);
  assert.deepEqual(unhandled, []);
});

test("the page is the default, and nothing beyond it is used", async () => {
  assert.equal((await new ExtractaClient(inProcess(undefined)).getBatchResults(extraction("b"))).done, true);
});

test("where there is no web origin, originPacing means the page, and onFallback is called once", async () => {
  const reasons = [];
  const onFallback = (reason) => {
    reasons.push(reason);
    throw new Error("mine");
  };
  const options = { ...fast(), sharePacing: originPacing({ onFallback }) };
  const client = new ExtractaClient(options);
  assert.deepEqual(reasons, [], "not before it is used");
  await Promise.all(["done", "waits-1"].map((batchId) => client.pollUntilDone(extraction(batchId))));
  assert.equal(reasons.length, 1);
  assert.match(reasons[0], /^Web Locks and IndexedDB cannot be used: \S/);
  await new ExtractaClient({ ...options, sharePacing: originPacing() }).getBatchResults(extraction("done"));
  const { "/getBatchResults": gaps } = await gapsOf(options);
  assert.deepEqual([gaps.violations, (await requestsOf(options)).length], [0, 4]);
});
