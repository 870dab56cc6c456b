// A thousand batches, a receiver that is dead for half of them, and a key that is wrong at first.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { newToken } from "../consumers/runner/poll.mjs";
import { receive } from "./receiver.mjs";
import { settings } from "./settings.mjs";
import { assertSpaced, requestsOf } from "./standin.mjs";
import { startWorker } from "./worker.mjs";

const COUNT = 1_000;
const isHealthy = (index) => index % 2 === 0;

/** A minute, where there is time for it. */
const KEY_IS_WRONG_MS = Number(process.env.EXTRACTA_KEY_IS_WRONG_MS ?? 5_000);

const batches = Array.from({ length: COUNT }, (_, index) => ({ id: `b-${index}`, extractionId: `crowd-${index}`, batchId: "done" }));

/** Starts them all and gives when each was first delivered to a healthy receiver, in milliseconds since `from()`. */
async function run(t, { answer, key = "right", whileWrong }) {
  const token = newToken();
  const times = new Map();
  let startedAt;
  const note = (nth, { id }) => {
    times.set(id, times.get(id) ?? performance.now() - startedAt);
    return {};
  };
  const receivers = [await receive(t, note), await receive(t, answer ?? note)];
  const worker = await startWorker(t, settings({ token }));
  await worker.call("setKey", key);
  startedAt = performance.now();
  for (const [half, receiver] of receivers.entries()) {
    const mine = batches.filter((_, index) => isHealthy(index) === (half === 0));
    await worker.call("start", mine, { deliver: { callback: receiver.url, secret: "CALLBACK_SECRET" } });
  }
  await whileWrong?.(worker, token);
  await worker.call("setKey", "right");
  // Until somebody asks, nobody knows that the key is right: that is no delay of a batch.
  while ((await requestsOf(token)).length === 0) await setTimeout(5);
  if (whileWrong) startedAt = performance.now();
  const healthy = batches.filter((_, index) => isHealthy(index)).map(({ id }) => id);
  while (!healthy.every((id) => times.has(id))) await setTimeout(20);
  return { worker, token, receivers, times, healthy };
}

test(`${COUNT} batches, half of them to a receiver that is dead, with a key that is wrong at first`, async (t) => {
  const alone = await run(t, {});
  while (alone.receivers[1].ids().size < COUNT / 2) await setTimeout(20);
  await alone.worker.kill();
  let isDead = true;
  const beset = await run(t, {
    answer: () => ({ status: isDead ? 500 : 200 }),
    key: "refused",
    whileWrong: async (worker, token) => {
      await setTimeout(KEY_IS_WRONG_MS);
      const { state, fault } = await worker.until("b-0", (status) => status.fault);
      assert.deepEqual([state, fault], ["polling", "The API did not accept the key (HTTP 401)."]);
      assert.equal((await requestsOf(token)).length, 0);
    },
  });
  const slower = beset.healthy.map((id) => beset.times.get(id) / alone.times.get(id)).toSorted((one, other) => one - other);
  const last = ({ healthy, times }) => Math.max(...healthy.map((id) => times.get(id)));
  t.diagnostic(`the healthy half was delivered in ${(last(beset) / last(alone)).toFixed(2)} times its time alone, the median batch in ${slower[COUNT / 4].toFixed(2)}`);
  for (const id of beset.healthy) assert.equal((await beset.worker.settled(id)).state, "delivered");
  const whileDead = beset.receivers[1].arrived.length;
  assert.ok(whileDead < COUNT / 4, `${whileDead} deliveries to the dead one`);

  isDead = false;
  for (const { id } of batches) assert.equal((await beset.worker.settled(id)).state, "delivered");
  assert.deepEqual(new Set([...beset.receivers[0].ids(), ...beset.receivers[1].ids()]), new Set(batches.map(({ id }) => id)));
  const requests = await assertSpaced(beset.token);
  t.diagnostic(`${(requests / COUNT).toFixed(2)} requests a batch; alone ${((await assertSpaced(alone.token)) / COUNT).toFixed(2)}`);
  // Once for each, and once more for those whose receiver was dead.
  assert.ok(requests <= 2 * COUNT, `${requests} requests`);
});
