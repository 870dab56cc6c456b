// The process is killed in the middle, more than once: no batch is lost, each is delivered once by its id, and the floor holds
// across the restarts. Nothing of a document and no token is in what was stored.
import assert from "node:assert/strict";
import { test } from "node:test";
import { expect as expectSoon } from "../../xtask/expect.mjs";
import { newToken } from "../consumers/runner/poll.mjs";
import { receive } from "./receiver.mjs";
import { FLOOR_MS, SECRET, settings } from "./settings.mjs";
import { assertSpaced, requestsOf } from "./standin.mjs";
import { assertNotStored, textsOf } from "./storage.mjs";
import { startWorker } from "./worker.mjs";

const COUNT = 1_000;

// Not a limit on how fast anything is, here of a thousand batches one after the other.
const expect = expectSoon.configure({ timeout: 300_000 });

test(`${COUNT} batches, the process killed three times in the middle`, async (t) => {
  const token = newToken();
  // A few are refused at first, so that there are deliveries to try again at any moment.
  const receiver = await receive(t, (nth, { json }) => ({ status: nth === 1 && Number(json.batch.extractionId) % 50 === 0 ? 500 : 200 }));
  const worker = await startWorker(t, settings({ token, isKilled: true }));
  // The stand-in counts polls by batchId: no two of those that wait may share it.
  const batches = Array.from({ length: COUNT }, (_, index) => ({ extractionId: String(index), batchId: index < 20 ? `waits-${index + 1}` : "done" }));
  const ids = await worker.call("start", batches, { deliver: { callback: receiver.url, secret: "CALLBACK_SECRET" } });
  assert.equal(new Set(ids).size, COUNT);

  for (const share of [0.2, 0.5, 0.8]) {
    await expect.poll(() => receiver.ids().size, { intervals: [20] }).toBeGreaterThanOrEqual(share * COUNT);
    await worker.kill();
    await worker.start();
  }
  await expect.poll(() => receiver.ids().size).toBe(COUNT);
  await expect.poll(async () => (await worker.call("list", { state: "delivered", limit: COUNT })).length).toBe(COUNT);

  assert.deepEqual(receiver.ids(), new Set(ids));
  const batchOf = new Map(ids.map((id, index) => [id, batches[index]]));
  for (const { id, json } of receiver.arrived) {
    assert.deepEqual([json.id, json.batch, json.results.done], [id, batchOf.get(id), true]);
    assert.equal(json.results.files.length, 3);
  }
  const requests = await assertSpaced(token);
  t.diagnostic(`${requests} requests, ${receiver.arrived.length} deliveries of ${COUNT} batches`);

  const canaries = [token, SECRET.slice("whsec_".length), ...textsOf(receiver.arrived[0].json.results.files)];
  assert.ok(canaries.length > 5, "there is no document to look for");
  await assertNotStored(worker.storage, canaries, ids[0]);
});

test("a request under way when the process is killed keeps its lane closed", async (t) => {
  const token = newToken();
  // Longer than it takes to see the request and to kill the process, as is the poll's time.
  const requestTimeoutMs = 6_000;
  const receiver = await receive(t);
  const worker = await startWorker(t, settings({ token, isKilled: true, client: { requestTimeoutMs } }));
  const [id] = await worker.call("start", { extractionId: "e", batchId: "never-answers" }, { deliver: { callback: receiver.url, secret: "CALLBACK_SECRET" }, timeoutMs: 5_000 });
  await expect.poll(async () => (await requestsOf(token)).length, { intervals: [5] }).toBeGreaterThan(0);
  await worker.kill();
  await worker.start();
  const { outcome, error } = await worker.settled(id);
  // Its time passed meanwhile, and it has its last poll; that, too, takes longer than a request may.
  assert.deepEqual([outcome, error.code], ["failed", "POLL_TIMEOUT"]);
  assert.equal(await assertSpaced(token, requestTimeoutMs + FLOOR_MS), 2);
});

test("a batch in the middle of which the process stops each time is given up, and the others are not", async (t) => {
  const token = newToken();
  const receiver = await receive(t);
  const worker = await startWorker(t, settings({ token, isKilled: true }));
  const deliver = { callback: receiver.url, secret: "CALLBACK_SECRET" };
  const requested = async (batchId) => (await requestsOf(token)).filter((request) => request.batchId === batchId).length;
  const [poison, healthy] = await worker.call("start", ["never-answers", "waits-6"].map((batchId) => ({ extractionId: "e", batchId })), { deliver });
  let before = 0;
  for (let times = 1; times <= 4; times += 1) {
    await expect.poll(() => requested("never-answers"), { intervals: [5] }).toBeGreaterThan(before);
    await worker.kill();
    // Before it starts again: what is asked then counts, however soon it comes.
    before = await requested("never-answers");
    await worker.start();
  }
  const { outcome, error } = await worker.settled(poison);
  assert.deepEqual([outcome, error.code], ["failed", "RETRIES_EXHAUSTED"]);
  assert.match(error.message, /stopped 4 times in the middle of asking/);
  assert.equal((await worker.settled(healthy)).outcome, "done");
  assert.deepEqual(receiver.ids(), new Set([poison, healthy]));
  await assertSpaced(token);
});
