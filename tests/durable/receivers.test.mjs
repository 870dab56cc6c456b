// Receivers that are dead for a while: they delay nobody, cost next to no request, and get everything once they are well.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { newToken } from "../consumers/runner/poll.mjs";
import { receive } from "./receiver.mjs";
import { settings } from "./settings.mjs";
import { assertSpaced, requestsOf } from "./standin.mjs";
import { startWorker } from "./worker.mjs";

const COUNT = 100;

const DEATHS = {
  "answers 500": () => ({ status: 500 }),
  "never answers": () => new Promise(() => {}),
};

for (const [how, answer] of Object.entries(DEATHS)) {
  test(`${COUNT} batches whose receiver ${how}`, async (t) => {
    const token = newToken();
    let isDead = true;
    const dead = await receive(t, () => (isDead ? answer() : {}));
    const healthy = await receive(t);
    const worker = await startWorker(t, settings({ token, polls: { deliveryTimeoutMs: 3_000, retryMs: 200 } }));
    const to = ({ url }) => ({ deliver: { callback: url, secret: "CALLBACK_SECRET" } });
    const requested = async () => (await requestsOf(token)).length;
    const batches = (count, name) => Array.from({ length: count }, (_, index) => ({ extractionId: `${name}-${index}`, batchId: "done" }));
    const waiting = await worker.call("start", batches(COUNT, "dead"), to(dead));
    while ((await requested()) < COUNT) await setTimeout(20);

    const others = await worker.call("start", batches(20, "healthy"), to(healthy));
    for (const id of others) assert.equal((await worker.settled(id)).state, "delivered");
    assert.deepEqual(healthy.ids(), new Set(others));
    const undelivered = await worker.call("list", { state: "delivering", limit: 1_000 });
    assert.equal(undelivered.length, COUNT);
    // Each batch was asked for once, and anew only what a probe takes to a receiver that may be well again.
    const tried = dead.arrived.length;
    const requests = await requested();
    assert.ok(requests <= COUNT + 20 + tried, `${requests} requests, ${tried} deliveries tried`);
    assert.ok(tried < COUNT / 2, `${tried} deliveries tried`);

    isDead = false;
    for (const id of waiting) assert.equal((await worker.settled(id)).state, "delivered");
    assert.deepEqual(dead.ids(), new Set(waiting));
    t.diagnostic(`${await requested()} requests for ${COUNT + 20} batches`);
    await assertSpaced(token);
  });
}

test("one batch that its receiver always refuses holds up no other of the same receiver", async (t) => {
  const receiver = await receive(t, (_, { json }) => ({ status: json.batch.extractionId === "poison" ? 500 : 200 }));
  const worker = await startWorker(t, settings());
  const deliver = { callback: receiver.url, secret: "CALLBACK_SECRET" };
  const [poison] = await worker.call("start", { extractionId: "poison", batchId: "done" }, { deliver });
  await worker.until(poison, ({ deliveries }) => deliveries >= 4);
  const others = await worker.call("start", Array.from({ length: 20 }, (_, index) => ({ extractionId: `e${index}`, batchId: "done" })), { deliver });
  for (const id of others) assert.equal((await worker.settled(id)).state, "delivered");
  assert.equal((await worker.call("status", poison)).state, "delivering");
  await worker.call("cancel", poison);
});

test("what waits for a receiver that stays dead is given up in its time, across restarts", async (t) => {
  const dead = await receive(t, () => ({ status: 500 }));
  const worker = await startWorker(t, settings({ isKilled: true, polls: { retryMs: 200 } }));
  const deliver = { callback: dead.url, secret: "CALLBACK_SECRET" };
  const ids = await worker.call("start", Array.from({ length: 10 }, (_, index) => ({ extractionId: `e${index}`, batchId: "done" })), { deliver, deliverWithinMs: 6_000 });
  while (dead.arrived.length < 4) await setTimeout(20);
  await worker.kill();
  await worker.start();
  for (const id of ids) {
    const { state, outcome } = await worker.settled(id);
    assert.deepEqual([state, outcome], ["undelivered", "done"]);
  }
});
