// The real rule under load: many batches of both kinds, single calls among them, and a thread that stands still.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ExtractaClient } from "extracta-wasm";
import { classification, extraction, gapsOf, real, requestsOf } from "./standin.mjs";

const FLOOR_MS = 2_000;

function standStill(ms) {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test("20 batches of both kinds and single calls keep 2 s on each endpoint while the thread stands still twice", async () => {
  const options = real();
  const client = new ExtractaClient(options);
  const other = new ExtractaClient(options);
  // Of a template each: equal requests would be sent once.
  const own = (batch, n) => ({ ...batch, [batch.extractionId ? "extractionId" : "classificationId"]: `-template-${n}` });
  const jobs = Array.from({ length: 20 }, (_, n) => own((n % 2 ? classification : extraction)(n < 4 ? `waits-${n < 2 ? 1 : 2}` : "done"), n));
  const singles = [];
  let settled = 0;
  for await (const { results } of client.pollMany(jobs)) {
    assert.equal(results.done, true);
    settled++;
    if (settled === 5) singles.push(other.getBatchResults(extraction("done")), other.getClassificationResults(classification("done")));
    // Just before the next slot of a lane, so that it passes in the standstill.
    if (settled === 6 || settled === 12) setTimeout(standStill, FLOOR_MS - 400, 900);
  }
  assert.equal(settled, 20);
  assert.ok((await Promise.all(singles)).every(({ done }) => done));
  const gaps = await gapsOf(options);
  const requests = await requestsOf(options);
  assert.equal(requests.length, 28, "no batch polled more often than needed");
  for (const [endpoint, { count, violations, smallestGapMs }] of Object.entries(gaps)) {
    assert.equal(count, 14, endpoint);
    assert.equal(violations, 0, endpoint);
    assert.ok(smallestGapMs >= FLOOR_MS, `${endpoint}: ${smallestGapMs} ms`);
  }
});
