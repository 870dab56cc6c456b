// A poll set down as a text and taken up again, here or in another process.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { ExtractaClient, isExtractaError } from "extracta-wasm";
import {
  answering, classification, extraction, fast, finished, gapsOf, NOWHERE, real, rejection, requestsOf,
  severalFloors,
} from "./standin.mjs";

const waiting = (ids) => ({ ...ids, status: "waiting", files: [] });

test("a poll goes on from its snapshot where it was", async () => {
  const options = fast();
  const first = new ExtractaClient(options);
  const batch = extraction("waits-3");
  const watch = first.watch(batch);
  for await (const { attempt } of watch) if (attempt === 2) break;
  await rejection(watch.result);
  const reported = [];
  const resumed = new ExtractaClient(options).resume(watch.snapshot(), { onProgress: ({ attempt }) => reported.push(attempt) });
  const results = await resumed.result;
  assert.equal(results.done, true);
  assert.deepEqual(reported, [2, 3, 4], "it counts on");
  assert.equal((await requestsOf(options)).length, 4);
  assert.equal((await gapsOf(options))["/getBatchResults"].violations, 0);
});

test("another process keeps the real floor after the last request of this one", async () => {
  const options = real();
  const client = new ExtractaClient(options);
  const watch = client.watch(extraction("waits-1"));
  for await (const { attempt } of watch) if (attempt > 0) break;
  const program = `
    import { ExtractaClient } from "extracta-wasm";
    const client = new ExtractaClient(${JSON.stringify(options)});
    const { done } = await client.resume(${JSON.stringify(watch.snapshot())}).result;
    console.log(done);`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: import.meta.dirname,
  });
  assert.equal(stdout.trim(), "true");
  const gaps = (await gapsOf(options))["/getBatchResults"];
  assert.deepEqual([gaps.count, gaps.violations], [2, 0]);
  assert.ok(gaps.smallestGapMs >= 2_000, `${gaps.smallestGapMs} ms`);
});

test("POLL_TIMEOUT carries a snapshot, and the resumed poll has time again", async () => {
  let ready = false;
  const fetch = answering((ids) => (ready ? finished(ids) : waiting(ids)));
  const client = new ExtractaClient({ baseUrl: NOWHERE, minIntervalMs: 20, fetch });
  const error = await rejection(client.pollUntilDone(extraction("slow"), { timeoutMs: 1_000 }));
  assert.ok(isExtractaError(error, "POLL_TIMEOUT"));
  assert.match(error.message, /client\.resume\(error\.snapshot\)/);
  const again = await rejection(client.resume(error.snapshot, { timeoutMs: 3_000 }).result);
  assert.ok(isExtractaError(again, "POLL_TIMEOUT"));
  assert.ok(again.attempts > error.attempts && again.observed.waiting > error.observed.waiting);
  ready = true;
  const results = await client.resume(again.snapshot).result;
  assert.equal(results.done, true);
  assert.equal(results.batchId, "slow");
});

test("a snapshot is small, and holds no token and nothing of the document", async () => {
  const secrets = ["token-canary", "document-canary", "header-canary"];
  const fetch = answering((ids) => ({
    ...ids, status: "waiting", note: secrets[1],
    files: [{ fileId: `${secrets[1]}-file`, fileName: `${secrets[1]}.pdf`, status: "processed", result: { name: secrets[1] } }],
  }));
  const client = new ExtractaClient({ baseUrl: NOWHERE, minIntervalMs: 0, token: secrets[0], headers: { "x-own": secrets[2] }, fetch });
  const watch = client.watch({ ...classification("b"), fileId: "f" }, { expectedFiles: 3, priority: 2 });
  for await (const { attempt } of watch) if (attempt > 0) break;
  const text = watch.snapshot();
  for (const secret of secrets) assert.ok(!text.includes(secret), text);
  assert.ok(text.length < 600, `${text.length} characters`);
  assert.deepEqual(JSON.parse(text).fileId, "f");
});

test("what is no snapshot is reported at once", () => {
  const client = new ExtractaClient({ baseUrl: NOWHERE });
  const good = client.watch(extraction("b"), { initialDelayMs: 60_000 });
  const text = good.snapshot();
  for (const bad of [undefined, null, 7, {}, "", "{", "[]", '"x"', text.slice(0, -1), text.replace('"version":1', '"version":2')]) {
    assert.throws(() => client.resume(bad), (error) => isExtractaError(error, "INVALID_SNAPSHOT"), String(bad));
  }
  assert.throws(() => client.resume(text, { timeoutMs: -1 }), (error) => isExtractaError(error, "INVALID_OPTION"));
  client.close();
  assert.throws(() => client.resume(text), (error) => isExtractaError(error, "CLOSED"));
  return rejection(good.result);
});

test("options given on resuming go before those it had, and the caller's floor counts", async () => {
  const requested = [];
  const fetch = answering((ids) => (requested.push(performance.now()), waiting(ids)));
  const slow = new ExtractaClient({ baseUrl: NOWHERE, minIntervalMs: 50, fetch });
  const watch = slow.watch(extraction("b"), { intervalMs: 5_000, onUnknownStatus: "done", priority: 3 });
  for await (const { attempt } of watch) if (attempt > 0) break;
  const resumed = slow.resume(watch.snapshot(), { intervalMs: 100 });
  resumed.nudge();
  for await (const { attempt } of resumed) if (attempt === 4) break;
  const { intervalMs, onUnknownStatus, priority } = JSON.parse(resumed.snapshot());
  assert.deepEqual({ intervalMs, onUnknownStatus, priority }, { intervalMs: 100, onUnknownStatus: "done", priority: 3 });
  assert.ok(requested[3] - requested[2] >= 99, "the new interval");

  const slower = new ExtractaClient({ baseUrl: NOWHERE, minIntervalMs: 300, fetch });
  const third = slower.resume(resumed.snapshot());
  assert.equal(JSON.parse(third.snapshot()).intervalMs, 300);
  third.cancel();
});

test("a followed classification continues to follow with followExtractions", async () => {
  let ready = false;
  const linked = { extractionId: "t", batchId: "x" };
  const fetch = answering((ids) =>
    ids.batchId === "x" ? finished(ids) : ready ? { ...ids, files: [{ fileId: "f1", status: "processed", extraction: linked }] } : waiting(ids),
  );
  const client = new ExtractaClient({ baseUrl: NOWHERE, minIntervalMs: 5, fetch });
  const watch = client.watch(classification("sorted"), { followExtractions: true });
  for await (const { attempt } of watch) if (attempt > 0) break;
  ready = true;
  const { files } = await client.resume(watch.snapshot(), { followExtractions: true }).result;
  assert.equal(files[0].extracted.fileName, "a.pdf");
});

test("after a resume nobody else polls on", async () => {
  const options = fast();
  const client = new ExtractaClient(options);
  const watch = client.watch(extraction("forever"));
  for await (const { attempt } of watch) if (attempt > 0) break;
  const resumed = client.resume(watch.snapshot());
  for await (const { attempt } of resumed) if (attempt > 1) break;
  const sent = (await requestsOf(options)).length;
  await severalFloors();
  assert.equal((await requestsOf(options)).length, sent);
});
