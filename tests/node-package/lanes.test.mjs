// The 2-second rule as the server sees it, with the real floor. Two copies of the package in one process share it.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import * as imported from "extracta-wasm";
import { classification, extraction, fast, gapsOf, real, rejection, requestsOf, NOWHERE } from "./standin.mjs";

const required = createRequire(import.meta.url)("extracta-wasm");
const importedAgain = await import(`${import.meta.resolve("extracta-wasm")}?a-second-copy`);
const COPIES = [imported, required, importedAgain];

const FLOOR_MS = 2_000;

test("the copies are copies", () => {
  for (const name of ["ExtractaClient", "ExtractaError", "isExtractaError"]) {
    assert.equal(new Set(COPIES.map((copy) => copy[name])).size, COPIES.length, name);
  }
});

test("the copies together keep the real floor of an endpoint", async () => {
  const options = real();
  const clients = COPIES.map(({ ExtractaClient }) => new ExtractaClient(options));
  const polls = ["done", "waits-1", "with-failure"].map((batchId, index) => clients[index].pollUntilDone(extraction(batchId)));
  const sorted = clients[1].pollUntilDone(classification("done"));
  assert.deepEqual((await Promise.all([...polls, sorted])).map(({ done }) => done), [true, true, true, true]);
  const gaps = await gapsOf(options);
  assert.deepEqual([gaps["/getBatchResults"].count, gaps["/getBatchResults"].violations], [4, 0]);
  assert.ok(gaps["/getBatchResults"].smallestGapMs >= FLOOR_MS, `${gaps["/getBatchResults"].smallestGapMs} ms`);
  assert.equal(gaps["/documentClassification/getResults"].count, 1);
});

test("a poll that fails, one that is aborted and one that starts afterwards share the floor", async () => {
  const options = real();
  const [one, other] = COPIES.map(({ ExtractaClient }) => new ExtractaClient(options));
  await rejection(one.pollUntilDone(extraction("http-404")));
  const controller = new AbortController();
  const poll = one.pollUntilDone(extraction("forever"), { signal: controller.signal, onProgress: ({ attempt }) => attempt > 0 && controller.abort() });
  await rejection(poll);
  one.close();
  await other.pollUntilDone(extraction("done"));
  const { "/getBatchResults": gaps } = await gapsOf(options);
  assert.deepEqual([gaps.count, gaps.violations], [3, 0]);
  assert.ok(gaps.smallestGapMs >= FLOOR_MS, `${gaps.smallestGapMs} ms`);
});

test("a 429 holds up the other copy too", async () => {
  const options = fast();
  const [one, other] = COPIES.map(({ ExtractaClient }) => new ExtractaClient(options));
  await rejection(one.getBatchResults(extraction("rate-limited")));
  await other.getBatchResults(extraction("done"));
  const [refused, answered] = await requestsOf(options);
  assert.deepEqual([refused.httpStatus, answered.httpStatus], [429, 200]);
  assert.ok(answered.arrivedMs - refused.arrivedMs >= 1_000, "it asked for one second");
});

test("tokens do not hold each other up: their requests come at once", async () => {
  const all = Array.from({ length: 4 }, () => real());
  await Promise.all(all.map((options) => new imported.ExtractaClient(options).getBatchResults(extraction("done"))));
  const arrivals = (await Promise.all(all.map(requestsOf))).map(([{ arrivedMs }]) => arrivedMs);
  const queuedApart = (all.length - 1) * FLOOR_MS;
  assert.ok(Math.max(...arrivals) - Math.min(...arrivals) < queuedApart, String(arrivals));
});

test("an error of one copy is recognised by the others", async () => {
  for (const { ExtractaClient, ExtractaError } of COPIES) {
    const error = await rejection(new ExtractaClient(fast()).getBatchResults(extraction("http-404")));
    assert.ok(error instanceof ExtractaError);
    const strangers = COPIES.filter((copy) => copy.ExtractaError !== ExtractaError);
    assert.equal(strangers.length, 2);
    for (const copy of strangers) {
      assert.ok(error instanceof copy.ExtractaError);
      assert.ok(copy.isExtractaError(error));
      assert.ok(copy.isExtractaError(error, "NOT_FOUND"));
      assert.equal(copy.isExtractaError(error, "FORBIDDEN"), false);
    }
  }
});

test("lanes of ever new tokens are forgotten", async () => {
  const lanes = globalThis[Symbol.for("extracta-wasm.lanes.1")];
  const fetch = async (_url, { body }) => Response.json({ ...JSON.parse(body), status: "waiting" });
  let given = 0;
  const rotating = new COPIES[0].ExtractaClient({ baseUrl: NOWHERE, token: () => `rotating-${given++}`, minIntervalMs: 0, fetch });
  for (let n = 0; n < 2_000; n++) await rotating.getBatchResults(extraction("b"));
  for (let n = 0; n < 2_000; n++) await new COPIES[0].ExtractaClient({ baseUrl: NOWHERE, token: `other-${n}`, minIntervalMs: 0, fetch }).getBatchResults(extraction("b"));
  assert.ok(lanes.size < 500, `${lanes.size} lanes`);
});
