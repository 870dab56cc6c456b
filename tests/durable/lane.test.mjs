// One account's lane for all isolates: three Workers and a Durable Object that polls, each in an isolate of its own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { expect } from "../../xtask/expect.mjs";
import { newToken } from "../consumers/runner/poll.mjs";
import { receive } from "./receiver.mjs";
import { settings } from "./settings.mjs";
import { assertSpaced, requestsOf } from "./standin.mjs";
import { startWorker } from "./worker.mjs";

// Long beside the way to the object that grants the slots.
const FLOOR_MS = 250;

test("isolates that share a lane keep one floor, also when the process is killed in the middle", async (t) => {
  const token = newToken();
  const receiver = await receive(t);
  const worker = await startWorker(t, settings({ token, isKilled: true, client: { minIntervalMs: FLOOR_MS } }));
  const deliver = { callback: receiver.url, secret: "CALLBACK_SECRET" };
  const batches = ["waits-1", "waits-2", "waits-3"].map((batchId) => ({ extractionId: "durable", batchId }));
  const ids = await worker.ask("call", { namespace: "POLLS_IN_LANE", method: "start", args: [batches, { deliver }] });
  const requests = ["one", "two", "three"].map((name, index) => {
    const polled = [`one-by-one`, "mixed", "with-failure"][index];
    return worker.ask("poll", { batches: [{ extractionId: name, batchId: "done" }, { extractionId: name, batchId: polled }] }, name);
  });
  assert.deepEqual(await Promise.all(requests), [[true, true], [true, true], [true, true]]);

  await worker.kill();
  await worker.start();
  const again = ["one", "two", "three"].map((name) => worker.ask("poll", { batches: [{ extractionId: name, batchId: "done" }] }, name));
  assert.deepEqual(await Promise.all(again), [[true], [true], [true]]);
  await expect.poll(() => receiver.ids()).toEqual(new Set(ids));
  const count = await assertSpaced(token, FLOOR_MS);
  t.diagnostic(`${count} requests`);
  assert.equal(count, (await requestsOf(token)).length);
});
