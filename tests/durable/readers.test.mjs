// Who watches polls: as many as an object may have, and no more.
import assert from "node:assert/strict";
import { test } from "node:test";
import { expect } from "../../xtask/expect.mjs";
import { settings } from "./settings.mjs";
import { startWorker } from "./worker.mjs";

const MOST_READERS = 1_000;

test("a thousand may watch at once; the next is told when to come, and is let in when one has left", async (t) => {
  const worker = await startWorker(t, settings());
  const [id] = await worker.call("start", { extractionId: "e", batchId: "forever" }, { deliver: { bucket: "BUCKET" } });
  const watching = [];
  t.after(() => Promise.allSettled(watching.map(({ body }) => body.cancel())));
  while (watching.length < MOST_READERS) {
    const more = await Promise.all(Array.from({ length: 50 }, () => worker.events([id])));
    for (const answer of more) assert.equal(answer.status, 200);
    watching.push(...more);
  }
  const refused = await worker.events([id]);
  assert.deepEqual([refused.status, refused.headers.get("retry-after")], [503, "60"]);
  await watching.pop().body.cancel();
  const tryAgain = async () => {
    const answer = await worker.events([id]);
    if (answer.status === 200) watching.push(answer);
    return answer.status;
  };
  await expect.poll(tryAgain, "the place of the one who left").toBe(200);
});
