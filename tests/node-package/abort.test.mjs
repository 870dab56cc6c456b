// Aborting: at once, with exactly the reason, and nothing is left behind.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { ExtractaClient } from "extracta-wasm";
import { runNode } from "./child.mjs";
import {
  answering, extraction, fast, finished, newToken, NOWHERE, oneTurn, requestsOf, severalFloors,
} from "./standin.mjs";

// Longer than any child may live: one that waits for it is killed, and its test fails.
const HOUR_MS = 3_600_000;
// Here nothing may wait for it either, but if something does, this process still comes to its end.
const LONG_MS = 10_000;

/** What a promise was rejected with, once it is: `outcome.error`. */
function watchFor(promise) {
  const outcome = { settled: false };
  promise.then(
    (value) => Object.assign(outcome, { settled: true, value }),
    (error) => Object.assign(outcome, { settled: true, error }),
  );
  return outcome;
}

/** Starts a poll that sleeps long after its first answer, and answers once it sleeps. */
async function sleepingPoll(client, signal) {
  let asleep;
  const sleeps = new Promise((resolve) => (asleep = resolve));
  const poll = client.pollUntilDone(extraction("forever"), { signal, intervalMs: LONG_MS, onProgress: ({ attempt }) => attempt > 0 && asleep() });
  const outcome = watchFor(poll);
  await sleeps;
  await oneTurn();
  assert.equal(outcome.settled, false);
  return outcome;
}

const REASONS = { "an object": { why: "enough" }, "an error": new RangeError("mine"), "a string": "enough", null: null, zero: 0 };

for (const [kind, reason] of Object.entries(REASONS)) {
  test(`aborting a sleeping poll rejects within one turn with exactly the reason (${kind}), and nothing follows`, async () => {
    const options = fast();
    const controller = new AbortController();
    const outcome = await sleepingPoll(new ExtractaClient(options), controller.signal);
    controller.abort(reason);
    await oneTurn();
    assert.deepEqual([outcome.settled, "error" in outcome], [true, true]);
    assert.equal(outcome.error, reason);
    await severalFloors();
    assert.equal((await requestsOf(options)).length, 1);
  });
}

test("aborting without a reason rejects with the platform's own AbortError", async () => {
  const controller = new AbortController();
  const outcome = await sleepingPoll(new ExtractaClient(fast()), controller.signal);
  controller.abort();
  await oneTurn();
  assert.equal(outcome.error, controller.signal.reason);
  assert.equal(outcome.error.name, "AbortError");
});

test("a poll that would go on after the floor sends nothing once aborted", async () => {
  const options = fast();
  const controller = new AbortController();
  const reason = new Error("enough");
  const poll = new ExtractaClient(options).pollUntilDone(extraction("forever"), {
    signal: controller.signal,
    onProgress: ({ attempt }) => attempt === 2 && setImmediate(() => controller.abort(reason)),
  });
  await assert.rejects(poll, (error) => error === reason);
  await severalFloors();
  assert.equal((await requestsOf(options)).length, 2);
});

test("aborting ends a request under way, and the request itself", async () => {
  const controller = new AbortController();
  let sent;
  const sending = new Promise((resolve) => (sent = resolve));
  const client = new ExtractaClient({
    ...fast(),
    fetch: (url, init) => {
      const response = fetch(url, init);
      sent(init.signal);
      return response;
    },
  });
  const outcome = watchFor(client.pollUntilDone(extraction("never-answers"), { signal: controller.signal }));
  const requestSignal = await sending;
  await oneTurn();
  assert.deepEqual([outcome.settled, requestSignal.aborted], [false, false]);
  const reason = Symbol("enough");
  controller.abort(reason);
  await oneTurn();
  assert.equal(outcome.error, reason);
  assert.equal(requestSignal.aborted, true);
});

test("aborting ends the wait for a turn, and the lane goes on without it", async () => {
  const options = fast();
  const client = new ExtractaClient(options);
  const controller = new AbortController();
  const first = client.getBatchResults(extraction("slow-bytes"));
  const outcome = watchFor(client.getBatchResults(extraction("done"), { signal: controller.signal }));
  await oneTurn();
  assert.equal(outcome.settled, false);
  controller.abort("enough");
  await oneTurn();
  assert.equal(outcome.error, "enough");
  const third = client.getBatchResults(extraction("with-failure"));
  assert.deepEqual([(await first).done, (await third).done], [true, true]);
  assert.deepEqual((await requestsOf(options)).map(({ batchId }) => batchId), ["slow-bytes", "with-failure"]);
});

test("a signal aborted before the call sends nothing", async () => {
  const options = fast();
  const client = new ExtractaClient(options);
  const reason = { why: "too late" };
  const signal = AbortSignal.abort(reason);
  const batch = extraction("done");
  const calls = [() => client.pollUntilDone(batch, { signal }), () => client.getBatchResults(batch, { signal }), () => client.watch(batch, { signal }).result];
  for (const call of calls) await assert.rejects(call(), (error) => error === reason);
  await severalFloors();
  assert.deepEqual(await requestsOf(options), []);
});

test("an abort after the end changes nothing", async () => {
  const controller = new AbortController();
  const poll = new ExtractaClient(fast()).pollUntilDone(extraction("done"), { signal: controller.signal });
  await poll;
  controller.abort();
  assert.equal((await poll).done, true);
});

test("one signal used for 1 000 polls holds no listener afterwards", async () => {
  const { signal } = new AbortController();
  const listeners = () => getEventListeners(signal, "abort").length;
  const client = new ExtractaClient({ baseUrl: NOWHERE, token: newToken(), minIntervalMs: 0, fetch: answering(finished) });
  let during = 0;
  for (let count = 0; count < 1_000; count += 1) {
    const poll = client.pollUntilDone(extraction("b"), { signal });
    during = Math.max(during, listeners());
    await poll;
    assert.equal(listeners(), 0, `after poll ${count + 1}`);
  }
  assert.equal(during, 1);
});

test("a poll that fails takes its listener off as well", async () => {
  const { signal } = new AbortController();
  const client = new ExtractaClient(fast());
  for (const batchId of ["http-401", "html-200", "reset"]) {
    await assert.rejects(client.pollUntilDone(extraction(batchId), { signal, maxRetries: 0 }));
    assert.equal(getEventListeners(signal, "abort").length, 0, batchId);
  }
});

// Reachable for good, as these tests are not about garbage.
const IN_A_CHILD = `
  import { ExtractaClient } from "extracta-wasm";
  const options = ${JSON.stringify({ ...fast(), requestTimeoutMs: HOUR_MS })};
  options.token = ${JSON.stringify(newToken())} + process.pid;
  const client = (globalThis.kept = new ExtractaClient(options));
`;

test("a process whose only poll is aborted while it sleeps ends by itself", async () => {
  const { code, stdout, stderr } = await runNode(`${IN_A_CHILD}
    const controller = new AbortController();
    client.pollUntilDone({ extractionId: "e", batchId: "forever" }, {
      signal: controller.signal, intervalMs: ${HOUR_MS}, timeoutMs: Infinity,
      onProgress: () => setImmediate(() => controller.abort("enough")),
    }).catch((reason) => console.log("ended:", reason));
  `);
  assert.deepEqual([code, stdout], [0, "ended: enough"], stderr);
});

test("a process whose only request is aborted under way ends by itself", async () => {
  const { code, stdout, stderr } = await runNode(`${IN_A_CHILD}
    const controller = new AbortController();
    client.pollUntilDone({ extractionId: "e", batchId: "never-answers" }, { signal: controller.signal })
      .catch((reason) => console.log("ended:", reason));
    setTimeout(() => controller.abort("enough"), 200);
  `);
  assert.deepEqual([code, stdout], [0, "ended: enough"], stderr);
});

test("a process lives as long as its poll needs, and no timer outlives the poll", async () => {
  const { code, stdout, stderr } = await runNode(`${IN_A_CHILD}
    client.pollUntilDone({ extractionId: "e", batchId: "waits-3" }, { intervalMs: 100, timeoutMs: ${HOUR_MS} })
      .then(({ files }) => console.log("done:", files.length));
  `);
  assert.deepEqual([code, stdout], [0, "done: 3"], stderr);
});
