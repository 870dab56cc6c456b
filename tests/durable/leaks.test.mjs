// Durable polls that have ended leave nothing behind in the isolate, which lives for as long as there are requests.
import assert from "node:assert/strict";
import { test } from "node:test";
import { expect } from "../../xtask/expect.mjs";
import { receive } from "./receiver.mjs";
import { settings } from "./settings.mjs";
import { startWorker } from "./worker.mjs";

const POLLS = 100;
/** What the heap swings by is some hundred thousand bytes; a poll that is held has eight thousand. */
const BYTES_A_POLL = 2_000;

test("polls that were delivered or failed leave nothing in the heap or the wasm's memory", { timeout: 900_000 }, async (t) => {
  const receiver = await receive(t);
  const worker = await startWorker(t, settings({ polls: { keepMs: 0 } }));
  const deliver = { callback: receiver.url, secret: "CALLBACK_SECRET" };
  let started = 0;
  const round = async () => {
    const ids = await worker.call("start", Array.from({ length: POLLS }, () => ({ extractionId: `leaks-${(started += 1)}`, batchId: started % 10 ? "done" : "http-404" })), { deliver });
    const arrived = () => ids.every((id) => receiver.ids().has(id));
    await expect.poll(arrived, { message: "every delivery", intervals: [50] }).toBeTruthy();
    // Until the object has forgotten all of them, and its step has ended.
    await expect.poll(async () => (await worker.call("list")).length, { message: "polls that are known", intervals: [100] }).toBe(0);
    return worker.memory();
  };
  // The lower of two rounds is compared with that of the next two.
  const lower = async () => {
    const rounds = [await round(), await round()];
    return { heap: Math.min(...rounds.map(({ heap }) => heap)), wasm: Math.min(...rounds.map(({ wasm }) => wasm)) };
  };
  await round();
  const [before, after] = [await lower(), await lower()];
  t.diagnostic(JSON.stringify({ before, after }));
  assert.ok(before.wasm > 0, "the wasm's memory is seen");
  for (const what of ["heap", "wasm"]) {
    const bytes = (after[what] - before[what]) / (2 * POLLS);
    assert.ok(bytes < BYTES_A_POLL, `${what}: ${bytes} bytes more a poll`);
  }
});
