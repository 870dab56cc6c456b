// A poll ends by its deadline, whatever is under way; pacing is no failure; and a server in trouble is left alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ExtractaClient, isExtractaError } from "extracta-wasm";
import { answering, extraction, finished, newToken, NOWHERE, rejection } from "./standin.mjs";

const client = (fetch, more) => new ExtractaClient({ baseUrl: NOWHERE, token: newToken(), minIntervalMs: 20, fetch, ...more });
const never = () => new Promise(() => {});
const waiting = answering(() => ({ status: "waiting" }));

/** How long a call took to reject, and with what. */
async function timed(call) {
  const startedAt = performance.now();
  const error = await rejection(call());
  return { error, tookMs: performance.now() - startedAt };
}

const HANGING = {
  "a server that never answers": client(never),
  "a body that never ends": client(async () => ({ status: 200, headers: new Headers(), json: never })),
  "a token function that never ends": client(waiting, { token: never }),
  "a shared lane that is never granted": client(waiting, { sharePacing: { reserve: never, hold() {} } }),
};

for (const [what, hanging] of Object.entries(HANGING)) {
  test(`timeoutMs is a deadline: ${what}`, async () => {
    const { error, tookMs } = await timed(() => hanging.pollUntilDone(extraction("b"), { timeoutMs: 300 }));
    assert.ok(isExtractaError(error, "POLL_TIMEOUT"), String(error));
    assert.ok(tookMs >= 299, `${tookMs} ms`);
    assert.equal(typeof error.snapshot, "string");
  });
}

test("timeoutMs is a deadline in a line of ten, too", async () => {
  const slow = client(async () => {
    await new Promise((resolve) => setTimeout(resolve, 120));
    return Response.json({ status: "waiting" });
  });
  const polls = Array.from({ length: 10 }, (_, n) => timed(() => slow.pollUntilDone(extraction(`b${n}`), { timeoutMs: 400 })));
  for (const { error } of await Promise.all(polls)) assert.ok(isExtractaError(error, "POLL_TIMEOUT"), String(error));
});

test("a 429 is pacing: ten of them in a row end no poll", async () => {
  let requested = 0;
  const refusing = client(async (_url, { body }) => {
    requested += 1;
    if (requested <= 10) return new Response("{}", { status: 429, headers: { "retry-after": "0", "content-type": "application/json" } });
    return Response.json(finished(JSON.parse(body)));
  });
  assert.equal((await refusing.pollUntilDone(extraction("b"), { maxRetries: 1 })).done, true);
  assert.equal(requested, 11);
});

test("without an interval a server in trouble is still left alone, ever longer", async () => {
  const at = [];
  const down = client(async () => {
    at.push(performance.now());
    return new Response("{}", { status: 503 });
  }, { minIntervalMs: 0 });
  assert.ok(isExtractaError(await rejection(down.pollUntilDone(extraction("b"), { maxRetries: 3 })), "RETRIES_EXHAUSTED"));
  const gaps = at.slice(1).map((moment, index) => moment - at[index]);
  assert.equal(gaps.length, 3);
  gaps.forEach((gap, index) => assert.ok(gap >= 100 * 2 ** index - 1, `${gaps}`));
});

test("a call that ends before its request starts sends nothing, and its slot is free", async () => {
  let requested = 0;
  const counting = client(async (_url, { body }) => {
    requested += 1;
    return Response.json(finished(JSON.parse(body)));
  }, { minIntervalMs: 60_000 });
  for (let n = 0; n < 3; n++) {
    const watch = counting.watch(extraction(`gone-${n}`));
    watch.cancel();
    await rejection(watch.result);
  }
  assert.equal((await counting.pollUntilDone(extraction("b"))).done, true);
  assert.equal(requested, 1);
});

test("after a request that was given up before its headers, the next keeps its distance and a margin", async () => {
  const at = [];
  const slow = client(
    (_url, { signal }) => {
      at.push(performance.now());
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
    { minIntervalMs: 200, requestTimeoutMs: 30_000 },
  );
  const first = slow.watch(extraction("a"));
  while (at.length < 1) await new Promise((resolve) => setTimeout(resolve, 1));
  const cancelledAt = performance.now();
  first.cancel();
  const second = slow.watch(extraction("b"));
  while (at.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  second.cancel();
  assert.ok(at[1] - cancelledAt >= 249, `${at[1] - cancelledAt} ms`);
});

test("a clock that goes back by an hour closes a lane for one gap, and a poll goes on", async () => {
  const { now } = performance;
  let ahead = 3_600_000;
  performance.now = () => now.call(performance) + ahead;
  try {
    let requested = 0;
    const one = client(async (_url, { body }) => {
      requested += 1;
      if (requested === 2) ahead = 0;
      return Response.json(requested < 4 ? { status: "waiting" } : finished(JSON.parse(body)));
    });
    assert.equal((await one.pollUntilDone(extraction("b"))).done, true);
    assert.equal((await one.getBatchResults(extraction("c"))).done, true);
  } finally {
    performance.now = now;
  }
});

test("a snapshot that claims a day closes the lane for no longer than one request and its gap could have", async () => {
  const one = client(waiting, { requestTimeoutMs: 1_000 });
  const watch = one.watch(extraction("b"));
  const text = watch.snapshot();
  watch.cancel();
  const forged = JSON.stringify({ ...JSON.parse(text), laneOpensInMs: 86_400_000 });
  const again = client(waiting, { requestTimeoutMs: 1_000 });
  const resumed = again.resume(forged, { timeoutMs: 60_000 });
  const other = await again.getBatchResults(extraction("c"));
  assert.equal(other.done, false);
  resumed.cancel();
});
