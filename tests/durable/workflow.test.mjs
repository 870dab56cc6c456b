// The same poll in a Workflow: a step for each request, documents in none of their outputs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { expect } from "../../xtask/expect.mjs";
import { newToken } from "../consumers/runner/poll.mjs";
import { receive } from "./receiver.mjs";
import { settings } from "./settings.mjs";
import { assertSpaced } from "./standin.mjs";
import { assertNotStored, textsOf } from "./storage.mjs";
import { startWorker } from "./worker.mjs";

// Half of it is long beside the way to the object that grants the slots: none is granted too late.
const FLOOR_MS = 1_000;

const ended = async (worker, id) => {
  let status;
  const isOver = async () => {
    status = await worker.ask("workflowStatus", { id });
    return ["complete", "errored", "terminated"].includes(status.status);
  };
  await expect.poll(isOver, { message: `the end of ${id}`, intervals: [50] }).toBe(true);
  return status;
};

test("a Workflow polls a batch to its end", async (t) => {
  const token = newToken();
  // The first delivery is refused: its step is tried again.
  const receiver = await receive(t, (nth) => ({ status: nth === 1 ? 500 : 200 }));
  const worker = await startWorker(t, settings({ token, client: { minIntervalMs: FLOOR_MS } }));
  const batch = { id: "mine", extractionId: "e", batchId: "waits-2" };
  const options = { intervalMs: FLOOR_MS, config: { retries: { limit: 3, delay: 100, backoff: "constant" }, timeout: 60_000 } };
  await worker.ask("workflow", { id: "w1", params: { batch, options, receiver: receiver.url } });
  const { status, output } = await ended(worker, "w1");
  const counts = { total: 3, processed: 3, failed: 0, pending: 0 };
  assert.deepEqual([status, output], ["complete", { id: "mine", batch: { extractionId: "e", batchId: "waits-2" }, attempts: 3, counts }]);
  assert.deepEqual(receiver.arrived.map(({ id }) => id), ["mine", "mine"]);
  assert.equal(receiver.arrived[1].json.results.files.length, 3);

  const failing = { extractionId: "e", batchId: "http-404" };
  await worker.ask("workflow", { id: "w2", params: { batch: failing, options, receiver: receiver.url } });
  const { status: failed, error } = await ended(worker, "w2");
  assert.equal(failed, "errored");
  assert.match(error.message, /404/);
  // Three polls, the finished batch once more, and the other: no step of a poll that failed is tried again.
  assert.equal(await assertSpaced(token), 5);
  await assertNotStored(worker.storage, [token, ...textsOf(receiver.arrived[0].json.results.files)], "waits-2");
});

test("a Workflow that is cut off after each step repeats no request", async (t) => {
  const token = newToken();
  const receiver = await receive(t);
  const worker = await startWorker(t, settings({ token, client: { minIntervalMs: FLOOR_MS } }));
  const batch = { id: "mine", extractionId: "e", batchId: "waits-3" };
  const params = { batch, options: { intervalMs: FLOOR_MS, name: "cut" }, receiver: receiver.url };
  const { result, outputs } = await worker.ask("replayedWorkflow", { params });
  assert.deepEqual([result.id, result.attempts, receiver.arrived.length], ["mine", 4, 1]);
  const names = ["cut: start", "cut: poll 1", "cut: wait 1", "cut: poll 2", "cut: wait 2", "cut: poll 3", "cut: wait 3", "cut: poll 4"];
  assert.deepEqual(outputs.map(([name]) => name), names);
  for (const text of textsOf(receiver.arrived[0].json.results.files)) assert.ok(!JSON.stringify(outputs).includes(text));
  assert.ok(outputs.every(([, output]) => output.length < 2_000), "what a step gives grows");
  assert.equal(await assertSpaced(token), 4);
});
