// Many batches at once: completion order, failures that stay their own, and the one floor that all keep.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ExtractaClient, isExtractaError } from "extracta-wasm";
import {
  answering, classification, extraction, fast, FAST_FLOOR_MS, finished, gapsOf, NOWHERE, oneTurn, rejection, requestsOf,
  severalFloors,
} from "./standin.mjs";

async function collect(settled) {
  const all = [];
  for await (const one of settled) all.push(one);
  return all;
}

/** A `fetch` whose batches finish at the request given by their name: "b-3" at the third. */
function finishingAt(counts = {}) {
  return answering((ids) => {
    counts[ids.batchId] = (counts[ids.batchId] ?? 0) + 1;
    const at = Number(ids.batchId.split("-")[1]);
    return counts[ids.batchId] >= at ? finished(ids) : { ...ids, status: "waiting", files: [] };
  });
}

test("both kinds come as they settle, with their job and its place, and the floor holds", async () => {
  const options = fast();
  const client = new ExtractaClient(options);
  // The first takes seconds, so that it is the last also where one of the two lanes is held up for a while.
  const jobs = [extraction("waits-40"), extraction("done"), extraction("http-404"), classification("waits-2")];
  const settled = await collect(client.pollMany(jobs));
  assert.deepEqual(settled.map(({ index }) => index).sort(), [0, 1, 2, 3]);
  assert.equal(settled.at(-1).index, 0, "what takes longest comes last");
  for (const { job, index, results, error } of settled) {
    assert.equal(job, jobs[index]);
    if (index === 2) assert.ok(isExtractaError(error, "NOT_FOUND"));
    else assert.equal(results.done, true);
  }
  for (const [endpoint, { violations, smallestGapMs, count }] of Object.entries(await gapsOf(options))) {
    assert.equal(violations, 0, endpoint);
    if (count > 1) assert.ok(smallestGapMs >= FAST_FLOOR_MS - 10, `${endpoint}: ${smallestGapMs} ms`);
  }
});

test("a batch that is done is reported while others continue", async () => {
  // Long enough that a place in line, 50 ms, is short against it.
  const client = new ExtractaClient({ baseUrl: NOWHERE, minIntervalMs: 200, fetch: finishingAt() });
  const order = [];
  for await (const { job } of client.pollMany([extraction("a-4"), extraction("b-1"), extraction("c-2")])) order.push(job.batchId);
  assert.deepEqual(order, ["b-1", "c-2", "a-4"]);
});

test("jobs may come one by one, and are begun as they come", async () => {
  const client = new ExtractaClient({ baseUrl: NOWHERE, minIntervalMs: 0, fetch: finishingAt() });
  let next;
  const gate = new Promise((resolve) => (next = resolve));
  async function* jobs() {
    yield extraction("a-1");
    await gate;
    yield extraction("b-1");
  }
  const many = client.pollMany(jobs());
  const { value: first } = await many.next();
  assert.equal(first.job.batchId, "a-1");
  next();
  assert.deepEqual((await collect(many)).map(({ job }) => job.batchId), ["b-1"]);
});

test("a list that fails is reported after its jobs", async () => {
  const client = new ExtractaClient({ baseUrl: NOWHERE, minIntervalMs: 0, fetch: finishingAt() });
  const cause = new Error("the list broke");
  function* jobs() {
    yield extraction("a-3");
    throw cause;
  }
  const seen = [];
  const read = async () => {
    for await (const { job } of client.pollMany(jobs())) seen.push(job.batchId);
  };
  assert.equal(await rejection(read()), cause);
  assert.deepEqual(seen, ["a-3"]);
});

test("a job or an option that cannot be is that job's error, and the others go on", async () => {
  const client = new ExtractaClient({ baseUrl: NOWHERE, minIntervalMs: 0, fetch: finishingAt() });
  const bad = [null, "a-1", {}, { extractionId: "t", batchId: 7 }, { ...extraction("a-1"), priority: -1 }];
  const settled = await collect(client.pollMany([...bad, extraction("good-1")]));
  const byIndex = settled.sort((a, b) => a.index - b.index);
  for (const { error } of byIndex.slice(0, bad.length)) assert.ok(isExtractaError(error, "INVALID_OPTION"), String(error));
  assert.equal(byIndex.at(-1).results.done, true);
  client.close();
  const closed = await collect(client.pollMany([extraction("late-1")]));
  assert.ok(isExtractaError(closed[0].error, "CLOSED"));
});

test("no jobs, no iteration", async () => {
  const client = new ExtractaClient({ baseUrl: NOWHERE, fetch: () => assert.fail("no request is sent") });
  assert.deepEqual(await collect(client.pollMany([])), []);
});

test("leaving the loop cancels the rest", async () => {
  const options = fast();
  const client = new ExtractaClient(options);
  for await (const { job } of client.pollMany([extraction("forever"), extraction("done"), classification("forever")])) {
    assert.equal(job.batchId, "done");
    break;
  }
  // What was on its way may still arrive, once the stand-in goes on.
  await requestsOf(options);
  await severalFloors();
  const sent = (await requestsOf(options)).length;
  await severalFloors();
  assert.equal((await requestsOf(options)).length, sent, "nobody polls on");
});

test("an aborted signal throws its reason from the loop", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const client = new ExtractaClient({ baseUrl: NOWHERE, minIntervalMs: 5, fetch: finishingAt() });
  const read = async () => {
    for await (const { job } of client.pollMany([extraction("a-1"), extraction("b-99")], { signal: controller.signal })) {
      assert.equal(job.batchId, "a-1");
      controller.abort(reason);
    }
  };
  assert.equal(await rejection(read()), reason);
});

test("an abort loses nothing that had settled, and ends a loop that waits for jobs", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const counts = {};
  const client = new ExtractaClient({ baseUrl: NOWHERE, minIntervalMs: 0, fetch: finishingAt(counts) });
  async function* jobs() {
    yield extraction("a-1");
    yield extraction("b-1");
    await new Promise(() => {});
  }
  const reported = [];
  const read = async () => {
    for await (const { job } of client.pollMany(jobs(), { signal: controller.signal })) {
      reported.push(job.batchId);
      if (reported.length > 1) continue;
      // The other settles meanwhile.
      while (!(counts["a-1"] && counts["b-1"] && client.lanes()[0].waiting === 0 && !client.lanes()[0].inFlight)) await oneTurn();
      for (let turn = 0; turn < 5; turn++) await oneTurn();
      controller.abort(reason);
    }
  };
  assert.equal(await rejection(read()), reason);
  assert.deepEqual(reported.sort(), ["a-1", "b-1"]);

  const late = new AbortController();
  const waiting = rejection((async () => {
    for await (const { job } of client.pollMany(jobs(), { signal: late.signal })) reported.push(job.batchId);
  })());
  await new Promise((resolve) => setTimeout(resolve, 50));
  late.abort(reason);
  assert.equal(await waiting, reason);
});

test("progress is reported with its job and place; what the function throws is that batch's error", async () => {
  const client = new ExtractaClient({ baseUrl: NOWHERE, minIntervalMs: 0, fetch: finishingAt() });
  const jobs = [extraction("a-2"), extraction("b-2")];
  const reported = [];
  const cause = new Error("cannot draw b");
  const settled = await collect(
    client.pollMany(jobs, {
      onProgress({ results, queuePosition }, job, index) {
        assert.equal(job, jobs[index]);
        assert.ok(queuePosition >= 0);
        reported.push(results.batchId);
        if (index === 1) throw cause;
      },
    }),
  );
  assert.deepEqual(reported.filter((id) => id === "a-2").length, 3, "its place in line, and two replies");
  assert.equal(settled.find(({ index }) => index === 1).error, cause);
  assert.equal(settled.find(({ index }) => index === 0).results.done, true);
});
