// Ten thousand live batches: what they hold while they wait, and that all of it is given back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ExtractaClient } from "extracta-wasm";
import { answering, extraction, finished, NOWHERE, oneTurn } from "../standin.mjs";

const MIB = 1024 * 1024;

/** The memory of the instance that is made for the next client. */
function memoryOfNext() {
  const { Instance } = WebAssembly;
  const found = {};
  WebAssembly.Instance = class extends Instance {
    constructor(...of) {
      super(...of);
      found.memory = Object.values(this.exports).find((value) => value instanceof WebAssembly.Memory);
      WebAssembly.Instance = Instance;
    }
  };
  return found;
}

const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;

test("10 000 live batches hold a timer each, under 16 MiB of wasm memory, and nothing once they have ended", async () => {
  const found = memoryOfNext();
  const client = new ExtractaClient({ baseUrl: NOWHERE, fetch: answering(finished) });
  assert.ok(found.memory instanceof WebAssembly.Memory, "the instance was made with the client");
  const before = { bytes: found.memory.buffer.byteLength, timers: timers() };

  const crowd = async (count) => {
    const controller = new AbortController();
    const polls = Array.from({ length: count }, (_, n) =>
      client.pollUntilDone(extraction(`batch-${n}`), { signal: controller.signal, expectedFiles: (n % 20) + 1 }),
    );
    const ends = Promise.allSettled(polls);
    await Promise.race(polls);
    await oneTurn();
    const live = { bytes: found.memory.buffer.byteLength, timers: timers(), waiting: client.lanes()[0].waiting };
    controller.abort(new Error("enough"));
    const aborted = (await ends).filter(({ status }) => status === "rejected").length;
    await oneTurn();
    return { live, aborted };
  };

  const { live, aborted } = await crowd(10_000);
  assert.ok(aborted >= 9_990, "few had their turn before the end");
  assert.ok(live.waiting >= 9_990, `${live.waiting} wait`);
  assert.ok(live.timers - before.timers <= 10_000, `${live.timers} timers`);
  assert.ok(live.bytes - before.bytes < 16 * MIB, `${(live.bytes - before.bytes) / MIB} MiB`);
  assert.equal(timers(), before.timers, "no timer is left");
  assert.equal(client.lanes()[0].waiting, 0, "nobody is left in the queue");

  const [second, third] = [await crowd(10_000), await crowd(10_000)];
  assert.ok(second.live.bytes - before.bytes < 16 * MIB, "the second crowd needs no more");
  assert.equal(third.live.bytes, second.live.bytes, "the third crowd fits into the room of the second");
  client.close();
});
