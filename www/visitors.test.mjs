import assert from "node:assert/strict";
import { test } from "node:test";
import { Visitors, ownBatches, upstreamText } from "./visitors.js";

test("each visitor has a batch that nobody else has", () => {
  const ids = [...ownBatches(8, 20), ...ownBatches(20, 230)].map(({ batchId }) => batchId);
  assert.equal(new Set(ids).size, 28);
  for (const id of ids) assert.match(id, /^waits-0{0,239}2$/);
});

test("what each visitor knows, and what all of them come to", () => {
  let now = 0;
  const visitors = new Visitors(2, () => now);
  assert.equal(visitors.state, "waiting");
  assert.equal(visitors.lines()[1].text, "Visitor 2: waiting, no files reported yet; 0 requests, waited 0 s");
  visitors.hear(1, { news: "progress", counts: { total: 0, processed: 0, failed: 0, pending: 0 } });
  assert.match(visitors.lines()[1].text, /no files reported yet/);
  visitors.hear(1, { news: "request" });
  visitors.hear(1, { news: "progress", counts: { total: 3, processed: 1, failed: 0, pending: 2 } });
  now = 4_000;
  assert.deepEqual(visitors.lines()[1], { state: "waiting", text: "Visitor 2: waiting, 1 of 3 files finished; 1 request, waited 4 s" });
  visitors.hear(1, { news: "done" });
  visitors.hear(1, { news: "request" });
  now = 9_000;
  assert.equal(visitors.lines()[1].text, "Visitor 2: done, 1 of 3 files finished; 1 request, waited 4 s", "it has ended");
  assert.equal(visitors.sumText(), "1 of 2 visitors done, 1 request to the proxy");
  visitors.hear(0, { news: "error", code: "NETWORK" });
  assert.deepEqual([visitors.lines()[0].text, visitors.state], ["Visitor 1: error, NETWORK; 0 requests, waited 9 s", "error"]);
});

test("whoever is cancelled has ended", () => {
  const visitors = new Visitors(2);
  visitors.hear(0, { news: "done" });
  visitors.cancel();
  assert.deepEqual([visitors.lines().map(({ state }) => state), visitors.state], [["done", "cancelled"], "cancelled"]);
});

test("of what arrived, that of other pages does not count", () => {
  const [one, two] = ownBatches(2, 0);
  const log = [
    { batchId: one.batchId, arrivedMs: 10, violation: false },
    { batchId: "of-another", arrivedMs: 20, violation: true },
    { batchId: two.batchId, arrivedMs: 2_017.9, violation: false },
    { batchId: one.batchId, arrivedMs: 2_500, violation: true },
  ];
  assert.equal(upstreamText(log, [one, two]), "3 requests to the API, 1 refused, never closer than 0.48 s");
  assert.equal(upstreamText([], [one]), "0 requests to the API, 0 refused");
});
