// Behind a proxy that paces: no spacing of one's own, a request for each batch, held until there is something new.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { ExtractaClient } from "extracta-wasm";
import { HoldingProxy } from "./holding.mjs";
import { extraction, newToken, NOWHERE, rejection } from "./standin.mjs";

/** Of the client, and long beside a turn of the event loop. */
const FLOOR_MS = 50;

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Looks again until it is so. The test's own limit ends it where it never is. */
async function until(isSo) {
  while (!isSo()) await later(2);
}

function behind(proxy, options) {
  return new ExtractaClient({ baseUrl: NOWHERE, token: newToken(), minIntervalMs: FLOOR_MS, fetch: proxy.fetch, ...options });
}

/** However quick the answers: from one request of a batch to the next is its interval. Any of them may be seen late. */
function assertNoLoop(requests) {
  const tookMs = requests.at(-1).at - requests[0].at;
  assert.ok(tookMs >= (requests.length - 2) * FLOOR_MS, `${requests.length} requests in ${tookMs} ms`);
}

const held = (proxy, id) => until(() => proxy.isHeld(id) && proxy.of(id).at(-1).prefer !== undefined);

test("a batch is requested once, then held until it changes, and each change arrives at once", async () => {
  const proxy = new HoldingProxy();
  const seen = [];
  const poll = behind(proxy).pollUntilDone(extraction("b"), { onProgress: ({ attempt, counts }) => seen.push([attempt, counts.processed]) });
  await held(proxy, "b");
  proxy.change("b", false);
  await until(() => proxy.of("b").length === 3);
  await held(proxy, "b");
  proxy.change("b");
  assert.equal((await poll).done, true);
  assert.deepEqual(seen, [[0, 0], [1, 0], [2, 0], [3, 2]]);
  const [first, ...others] = proxy.of("b");
  assert.equal(first.prefer, undefined, "nobody knows yet that it is a proxy that holds");
  assert.deepEqual(others.map(({ prefer }) => prefer.replace(/wait=(18|19|20|21|22);/, "wait=N;")), ['wait=N; since="v0"', 'wait=N; since="v1"']);
});

test("four batches are held at once, each by one request, and none waits for another", async () => {
  const proxy = new HoldingProxy();
  const client = behind(proxy);
  const ids = ["a", "b", "c", "d"];
  const polls = ids.map((id) => client.pollUntilDone(extraction(id)));
  for (const id of ids) await held(proxy, id);
  assert.deepEqual([client.lanes()[0].inFlight, client.lanes()[0].waiting], [true, 0]);
  for (const [index, id] of ids.entries()) {
    assert.equal(client.lanes()[0].inFlight, true);
    proxy.change(id);
    assert.equal((await polls[index]).done, true);
  }
  assert.deepEqual([proxy.most, proxy.mostOfOne], [4, 1]);
  assert.equal(client.lanes()[0].inFlight, false);
});

test("a hold that ends without news is no attempt, no progress and no failure", async () => {
  const proxy = new HoldingProxy();
  proxy.holdMs = 20;
  const [progress, events] = [[], []];
  const poll = behind(proxy, { onEvent: (event) => events.push(event) }).pollUntilDone(extraction("b"), { maxRetries: 0, onProgress: ({ attempt }) => progress.push(attempt) });
  await until(() => proxy.of("b").filter(({ outcome }) => outcome === 204).length === 5);
  assert.deepEqual(progress, [0, 1]);
  proxy.change("b");
  await poll;
  assert.deepEqual(progress, [0, 1, 2]);
  assert.deepEqual(events.filter(({ type }) => ["retry", "failure", "pause"].includes(type)), []);
  const { attempts } = events.find(({ type }) => type === "settled");
  assert.equal(attempts, 2);
  assertNoLoop(proxy.of("b"));
});

test("a 204 or 429 that says when to come back keeps its batch away so long, and no other", async () => {
  for (const status of [204, 429]) {
    const proxy = new HoldingProxy();
    proxy.answers.set("b", (number) => number === 2 && { status, headers: { "retry-after": "1" } });
    const client = behind(proxy);
    const polls = ["b", "other"].map((id) => client.pollUntilDone(extraction(id), { maxRetries: 0 }));
    await until(() => proxy.of("b").length === 2);
    const refusedAt = performance.now();
    await held(proxy, "other");
    proxy.change("other");
    await polls[1];
    assert.equal(client.lanes()[0].pausedForMs, 0);
    await until(() => proxy.of("b").length === 3 && proxy.isHeld("b"));
    assert.ok(proxy.of("b")[2].at - refusedAt >= 990, `${proxy.of("b")[2].at - refusedAt} ms`);
    proxy.change("b");
    assert.equal((await polls[0]).done, true);
  }
});

test("more batches than four take turns, none of them held", async () => {
  const proxy = new HoldingProxy();
  const client = behind(proxy);
  const ids = ["a", "b", "c", "d", "e", "f"];
  const polls = ids.map((id) => client.pollUntilDone(extraction(id)));
  await until(() => ids.every((id) => proxy.of(id).length >= 4));
  const before = proxy.requests.length;
  await until(() => ids.every((id) => proxy.of(id).length >= 8));
  const then = proxy.requests.slice(before);
  assert.deepEqual(then.filter(({ prefer }) => prefer !== undefined), []);
  const counts = ids.map((id) => proxy.of(id).length);
  assert.ok(Math.max(...counts) - Math.min(...counts) <= 2, `they take turns: ${counts}`);
  ids.forEach((id) => proxy.change(id));
  assert.ok((await Promise.all(polls)).every(({ done }) => done));
  assert.ok(proxy.most <= 4 && proxy.mostOfOne === 1, `${proxy.most} at once`);
});

test("a fifth batch is requested at once, and when it is done the four are held again", async () => {
  const proxy = new HoldingProxy();
  const client = behind(proxy);
  const ids = ["a", "b", "c", "d"];
  const attempts = new Map();
  const polls = ids.map((id) => client.pollUntilDone(extraction(id), { onProgress: ({ attempt }) => attempts.set(id, attempt) }));
  for (const id of ids) await held(proxy, id);
  const fifth = client.pollUntilDone(extraction("fifth"));
  await until(() => proxy.of("fifth").length >= 2);
  assert.equal(proxy.requests[8].batchId, "fifth", "it goes before the one that made room");
  assert.ok(proxy.requests.some(({ outcome }) => outcome === "left"));
  proxy.change("fifth");
  await fifth;
  for (const id of ids) await held(proxy, id);
  ids.forEach((id) => proxy.change(id));
  await Promise.all(polls);
  assert.ok(proxy.most <= 4 && proxy.mostOfOne === 1);
  for (const id of ids) {
    const answered = proxy.of(id).filter(({ outcome }) => outcome === 200).length;
    assert.equal(attempts.get(id), answered, "a request that was called off is no attempt");
  }
});

test("a request beside four that are held is answered at once, and the one that made room is held again", async () => {
  const proxy = new HoldingProxy();
  const client = behind(proxy);
  const ids = ["a", "b", "c", "d"];
  const polls = ids.map((id) => client.pollUntilDone(extraction(id)));
  for (const id of ids) await held(proxy, id);
  const before = proxy.requests.length;
  assert.equal((await client.getBatchResults(extraction("other"))).done, false);
  for (const id of ids) await held(proxy, id);
  assert.deepEqual(proxy.requests.slice(before).map(({ batchId, prefer }) => [batchId === "other", prefer === undefined]), [[true, true], [false, false]]);
  ids.forEach((id) => proxy.change(id));
  await Promise.all(polls);
});

test("two polls of one batch are held by one request, and both have its answer", async () => {
  const proxy = new HoldingProxy();
  const client = behind(proxy);
  const first = client.pollUntilDone(extraction("b"));
  await held(proxy, "b");
  const second = client.pollUntilDone(extraction("b"));
  await until(() => proxy.of("b").length === 3 && proxy.of("b")[2].outcome === 200);
  await later(3 * FLOOR_MS);
  assert.deepEqual([proxy.of("b").length, proxy.here.length], [3, 1]);
  proxy.change("b");
  const answers = await Promise.all([first, second]);
  assert.ok(answers.every(({ done }) => done));
  assert.equal(proxy.of("b").length, 3);
});

test("when the hold of one request for several ends without news, one goes on for them all", async () => {
  const proxy = new HoldingProxy();
  proxy.holdMs = 30;
  const client = behind(proxy);
  const polls = [0, 1, 2, 3, 4, 5].map(() => client.pollUntilDone(extraction("b")));
  await until(() => proxy.of("b").filter(({ outcome }) => outcome === 204).length >= 5);
  assert.equal(proxy.most, 1);
  proxy.change("b");
  assert.ok((await Promise.all(polls)).every(({ done }) => done));
});

test("failures are backed off from as ever, and count", async () => {
  const proxy = new HoldingProxy();
  const client = behind(proxy);
  await Promise.all([client.getBatchResults(extraction("b")), client.getBatchResults(extraction("c"))]);
  proxy.answers.set("b", () => ({ status: 503, headers: {} }));
  const error = await rejection(client.pollUntilDone(extraction("b"), { maxRetries: 2 }));
  assert.equal(error.code, "RETRIES_EXHAUSTED");
  const [, first, second, third] = proxy.of("b").map(({ at }) => at);
  assert.ok(second - first >= 99 && third - second >= 199, `${second - first} and ${third - second} ms`);
});

test("without the header requests are spaced, one at a time; and again as soon as it is missing", async () => {
  const proxy = new HoldingProxy();
  proxy.namesStates = false;
  const client = behind(proxy, { minIntervalMs: 150 });
  const spaced = async (ids) => {
    const before = proxy.requests.length;
    await Promise.all(ids.map((id) => client.getBatchResults(extraction(id))));
    const starts = proxy.requests.slice(before).map(({ at }) => at);
    for (let n = 1; n < starts.length; n++) assert.ok(starts[n] - starts[n - 1] >= 150, `${starts[n] - starts[n - 1]} ms`);
  };
  await spaced(["a", "b", "c"]);
  proxy.namesStates = true;
  const poll = client.pollUntilDone(extraction("b"));
  await held(proxy, "b");
  proxy.namesStates = false;
  const turnedAt = performance.now();
  await client.getBatchResults(extraction("d"));
  proxy.change("b");
  await poll;
  await spaced(["e", "f"]);
  assert.ok(proxy.of("e")[0].at - turnedAt >= 150);
});

test("what is no state is no sign of a proxy that paces", async () => {
  for (const state of ['a"b', "a\\b", "a b", "x".repeat(65), ""]) {
    const calls = [];
    const fetch = async (url, init) => {
      calls.push([performance.now(), init.headers.prefer]);
      return Response.json({ ...JSON.parse(init.body), status: "waiting", files: [] }, { headers: { "extracta-state": state } });
    };
    const client = behind({ fetch });
    const controller = new AbortController();
    const polls = ["a", "b"].map((id) => rejection(client.pollUntilDone(extraction(id), { signal: controller.signal })));
    await until(() => calls.length > 3);
    controller.abort();
    await Promise.all(polls);
    for (let n = 1; n < calls.length; n++) assert.ok(calls[n][0] - calls[n - 1][0] >= FLOOR_MS, state);
    assert.ok(calls.every(([, prefer]) => prefer === undefined));
  }
});

test("the API itself is spaced, whatever it may say", async () => {
  const proxy = new HoldingProxy();
  const client = new ExtractaClient({ token: newToken(), fetch: proxy.fetch });
  await Promise.all(["a", "b"].map((id) => client.getBatchResults(extraction(id))));
  const [first, second] = proxy.requests.map(({ at }) => at);
  assert.ok(second - first >= 2_000, `${second - first} ms`);
});

test("a request that may not take long is not held, and is repeated at its interval", async () => {
  const proxy = new HoldingProxy();
  const poll = behind(proxy, { requestTimeoutMs: 8_000 }).pollUntilDone(extraction("b"));
  await until(() => proxy.of("b").length === 4);
  assert.ok(proxy.of("b").every(({ prefer }) => prefer === undefined));
  assertNoLoop(proxy.of("b"));
  proxy.change("b");
  await poll;
});

test("an abort, a cancel, a close and the deadline end a request that is held", async () => {
  const mine = new Error("mine");
  const proxy = new HoldingProxy();
  const controller = new AbortController();
  const client = behind(proxy);
  const aborted = client.pollUntilDone(extraction("a"), { signal: controller.signal });
  const cancelled = client.watch(extraction("b"));
  const late = client.pollUntilDone(extraction("c"), { timeoutMs: 12_500 });
  const closed = client.pollUntilDone(extraction("d"));
  for (const id of ["a", "b", "c", "d"]) await held(proxy, id);
  controller.abort(mine);
  assert.equal(await rejection(aborted), mine);
  cancelled.cancel(mine);
  assert.equal(await rejection(cancelled.result), mine);
  await until(() => !proxy.isHeld("a") && !proxy.isHeld("b"));
  assert.equal((await rejection(late)).code, "POLL_TIMEOUT");
  assert.ok(proxy.of("c").some(({ prefer }) => /^wait=[12345];/.test(prefer ?? "")), "no longer than the deadline leaves time for");
  client.close();
  assert.equal((await rejection(closed)).code, "CLOSED");
  await until(() => proxy.here.length === 0);
});

test("sharePacing is not used where the proxy does the spacing", async () => {
  const proxy = new HoldingProxy();
  let requested = 0;
  const sharePacing = { reserve: () => (requested++, 0), hold: () => {} };
  // So long that no slot is granted too late.
  const client = behind(proxy, { sharePacing, minIntervalMs: 10_000 });
  await client.getBatchResults(extraction("a"));
  assert.equal(requested, 1);
  await Promise.all(["b", "c", "d"].map((id) => client.getBatchResults(extraction(id))));
  assert.equal(requested, 1);
});

test("copies of the package in one realm have four requests under way together", async () => {
  const proxy = new HoldingProxy();
  const other = createRequire(import.meta.url)("extracta-wasm");
  const token = newToken();
  const [one, two] = [behind(proxy, { token }), new other.ExtractaClient({ baseUrl: NOWHERE, token, minIntervalMs: FLOOR_MS, fetch: proxy.fetch })];
  const ids = ["a", "b", "c", "d", "e", "f"];
  const polls = ids.map((id, n) => (n % 2 ? one : two).pollUntilDone(extraction(id)));
  await until(() => ids.filter((id) => proxy.isHeld(id)).length === 4);
  await later(1_500);
  assert.equal(proxy.most, 4);
  const done = until(() => {
    ids.filter((id) => proxy.isHeld(id)).forEach((id) => proxy.change(id));
    return ids.every((id) => proxy.of(id).length > 0 && !proxy.isHeld(id));
  });
  assert.ok((await Promise.all(polls)).every((results) => results.done));
  await done;
  assert.ok(proxy.most <= 4);
});
