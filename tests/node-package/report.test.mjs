// What a lane reports of itself.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ExtractaClient } from "extracta-wasm";
import { answering, classification, extraction, fast, finished, newToken, NOWHERE, oneTurn, rejection } from "./standin.mjs";

test("a client that has sent nothing has no lanes, and neither has a closed one", async () => {
  const client = new ExtractaClient(fast());
  assert.deepEqual(client.lanes(), []);
  await client.getBatchResults(extraction("done"));
  assert.equal(client.lanes().length, 1);
  client.close();
  assert.deepEqual(client.lanes(), []);
});

test("a lane counts, and explains each decision by its batch", async () => {
  const options = fast();
  const client = new ExtractaClient(options);
  const settled = [];
  for await (const one of client.pollMany([extraction("waits-1"), extraction("done"), classification("done")])) settled.push(one);
  const [extractions, classifications] = client.lanes();
  assert.equal(extractions.endpoint, "getBatchResults");
  assert.equal(classifications.endpoint, "documentClassification/getResults");
  assert.deepEqual([extractions.requests, classifications.requests], [3, 1]);
  assert.deepEqual([extractions.waiting, extractions.inFlight, extractions.refusals, extractions.pausedForMs], [0, false, 0, 0]);
  assert.ok(extractions.smallestGapMs >= options.minIntervalMs);
  assert.equal(classifications.smallestGapMs, undefined);
  assert.ok(extractions.gapMs > options.minIntervalMs && extractions.nextSlotInMs <= extractions.gapMs);
  const sent = extractions.decisions.filter(({ decision }) => decision === "sent");
  assert.deepEqual(sent.map(({ batchId }) => batchId).sort(), ["done", "waits-1", "waits-1"]);
  for (const { agoMs, decision, reason, asksAgainAfterMs } of extractions.decisions) {
    assert.ok(agoMs >= 0);
    if (decision === "waits") assert.ok(["floor", "inFlight", "behindOthers"].includes(reason) && asksAgainAfterMs > 0, reason);
  }
  assert.ok(extractions.decisions.some(({ decision }) => decision === "waits"));
});

test("a refusal shows as a pause that every batch of the lane waits out", async () => {
  // Longer than anything that this machine may do in between.
  const fetch = async () => Response.json({}, { status: 429, headers: { "retry-after": "60" } });
  const client = new ExtractaClient({ baseUrl: NOWHERE, token: newToken(), minIntervalMs: 0, fetch });
  await rejection(client.getBatchResults(extraction("rate-limited")));
  const [{ pausedForMs, refusals }] = client.lanes();
  assert.equal(refusals, 1);
  assert.ok(pausedForMs > 0 && pausedForMs <= 60_000, `${pausedForMs} ms`);
  const poll = client.pollUntilDone(extraction("done"));
  for (let turn = 0; turn < 3; turn++) await oneTurn();
  const [{ waiting, decisions }] = client.lanes();
  assert.equal(waiting, 1);
  assert.deepEqual(decisions.at(-1).reason, "paused");
  client.close();
  await rejection(poll);
});

test("fifty decisions are kept, with ids and nothing else of the caller's", async () => {
  const client = new ExtractaClient({
    baseUrl: NOWHERE, minIntervalMs: 0, token: "token-canary", fetch: answering((ids) => ({ ...finished(ids), note: "document-canary" })),
  });
  for (let n = 0; n < 60; n++) await client.getBatchResults(extraction(`b${n}`));
  const [report] = client.lanes();
  assert.equal(report.decisions.length, 50);
  assert.equal(report.decisions.at(-1).batchId, "b59");
  assert.doesNotMatch(JSON.stringify(report), /canary/);
});
