import assert from "node:assert/strict";
import { test } from "node:test";
import { Batches, positionText } from "./batches.js";
import { placesIn } from "./lane-places.js";

const EXTRACTIONS = "getBatchResults";
const CLASSIFICATIONS = "documentClassification/getResults";
const sent = (batchId) => ({ batchId, agoMs: 0, decision: "sent" });
const behind = (batchId, others) => ({ batchId, agoMs: 0, decision: "waits", reason: "behindOthers", behind: others, asksAgainAfterMs: 1 });
const waits = (batchId, reason) => ({ batchId, agoMs: 0, decision: "waits", reason, asksAgainAfterMs: 1 });
const lane = (decisions, more) => ({ endpoint: EXTRACTIONS, requests: 0, nextSlotInMs: 500, gapMs: 2000, decisions, ...more });
const progress = (counts, queuePosition = 0) => ({ attempt: 1, queuePosition, counts: { processed: 0, failed: 0, ...counts } });

function batches(...ids) {
  const time = { ms: 1000 };
  const jobs = ids.map((batchId) => ({ extractionId: "e", batchId }));
  return { time, known: new Batches([...jobs, { classificationId: "c", batchId: "a" }], () => time.ms) };
}

const positions = (known) => known.open.map(({ position }) => position);

test("what ends is listed in the order in which it ended, an error like a result, and the rest in its own order", () => {
  const { known } = batches("a", "b", "c");
  known.settle({ index: 2, results: { done: true } });
  known.settle({ index: 0, error: new Error("no") });
  assert.deepEqual(known.settled.map(({ job, state }) => [job.batchId, state]), [["c", "done"], ["a", "error"]]);
  assert.deepEqual(known.open.map(({ index }) => index), [1, 3]);
  assert.deepEqual(known.summary(), { ended: 2, text: "2 of 4 batches finished, 1 failed" });
});

test("an error that is undefined is an error all the same", () => {
  const { known } = batches("a");
  assert.equal(known.settle({ index: 0, error: undefined }).state, "error");
});

test("at the end what still waits counts as cancelled, and the clock stops", () => {
  const { known, time } = batches("a", "b");
  time.ms += 3000;
  const entry = known.settle({ index: 1, results: { done: true } });
  time.ms += 4000;
  known.end();
  time.ms += 9000;
  assert.deepEqual([known.elapsedMs(entry), known.elapsedMs()], [3000, 7000]);
  assert.deepEqual(known.open.map(({ state }) => state), ["cancelled", "cancelled"]);
});

test("a place in line follows the lane's decisions, and moves up with each request sent", () => {
  const { known, time } = batches("a", "b", "c");
  assert.deepEqual(positions(known), [undefined, undefined, undefined, undefined]);
  known.onLanes([lane([sent("a"), waits("b", "inFlight"), behind("c", 1)], { requests: 1 })]);
  assert.deepEqual(positions(known), [undefined, 0, 1, undefined]);
  assert.deepEqual(known.open.map((entry) => known.nextPollInMs(entry)), [undefined, 500, 2500, undefined]);
  time.ms += 200;
  assert.equal(known.nextPollInMs(known.open[2]), 2300);
  known.onLanes([lane([behind("c", 1), sent("b")], { requests: 2 })]);
  assert.deepEqual(positions(known), [undefined, 0, 0, undefined]);
});

test("a request uses a place up: until the next decision only the time it is due is known", () => {
  const { known, time } = batches("a", "b");
  known.onLanes([lane([behind("a", 1), waits("b", "floor")])]);
  known.onEvent({ type: "request", endpoint: EXTRACTIONS, batchId: "a", attempt: 1 });
  known.onLanes([lane([behind("b", 1), sent("a")], { requests: 1 })]);
  assert.deepEqual(positions(known).slice(0, 2), [undefined, 0]);
  known.onEvent({ type: "retry", endpoint: EXTRACTIONS, batchId: "a", attempt: 1, code: "SERVER", waitMs: 3000 });
  time.ms += 1000;
  assert.equal(known.nextPollInMs(known.open[0]), 2000);
});

test("a batch of the same name at the other endpoint is another batch", () => {
  const { known } = batches("a");
  known.onLanes([lane([behind("a", 7)], { endpoint: CLASSIFICATIONS })]);
  assert.deepEqual(positions(known), [undefined, 7]);
  known.onEvent({ type: "request", endpoint: CLASSIFICATIONS, batchId: "a", attempt: 1 });
  assert.deepEqual(known.open.map(({ asking }) => asking === true), [false, true]);
});

test("a position reported with progress counts from the requests sent by then", () => {
  const { known } = batches("a", "b");
  known.onProgress({ ...progress({ total: 2, pending: 2 }, 3), nextPollInMs: 8000 }, 0, [lane([], { requests: 5 })]);
  assert.deepEqual([positions(known)[0], known.nextPollInMs(known.open[0])], [3, 8000]);
  known.onLanes([lane([sent("a"), sent("x")], { requests: 6 })]);
  assert.equal(positions(known)[0], 2);
});

test("a batch that is not due yet says when it is, even if the lane is free before", () => {
  const { known } = batches("a");
  known.onProgress(progress({ total: 1, pending: 1 }), 0, []);
  known.onEvent({ type: "retry", endpoint: EXTRACTIONS, batchId: "a", attempt: 2, code: "SERVER", waitMs: 9000 });
  known.onLanes([lane([sent("a")])]);
  assert.equal(known.nextPollInMs(known.open[0]), 9000);
  assert.equal(known.open[0].note, "Attempt 2 failed (SERVER). Trying again.");
  known.onProgress(progress({ total: 1, pending: 1 }), 0, []);
  assert.equal(known.open[0].note, "");
});

test("events of what has ended, or of others on the lane, change nothing", () => {
  const { known } = batches("a");
  const entry = known.settle({ index: 0, results: { done: true } });
  for (const batchId of ["a", "stranger"]) known.onEvent({ type: "request", endpoint: EXTRACTIONS, batchId, attempt: 1 });
  known.onLanes([lane([behind("a", 2), behind("stranger", 1)])]);
  assert.deepEqual([entry.asking, entry.position], [false, undefined]);
});

test("files are counted over all batches", () => {
  const { known } = batches("a", "b");
  assert.equal(known.filesText(), "0 files finished so far");
  known.onProgress(progress({ total: 3, processed: 1, failed: 1, pending: 1 }), 0, []);
  known.onProgress(progress({ total: 2, pending: 2 }), 1, []);
  assert.equal(known.filesText(), "2 files finished so far, 1 failed");
  known.end();
  assert.equal(known.filesText(), "2 files finished, 1 failed");
});

test("of several decisions about a batch the last one counts", () => {
  const places = placesIn(lane([behind("a", 4), sent("b"), waits("a", "floor"), behind("c", 2), waits("c", "notDue")], { requests: 1 }));
  assert.deepEqual([...places], [["a", { behind: 0, sends: 1 }]]);
});

test("a position in words", () => {
  assert.deepEqual([undefined, 0, 1, 3].map(positionText), ["In line", "Next on its lane", "1 before it", "3 before it"]);
});
