// Visitors of one account in four isolates: through a Durable Object that holds their requests, and through a proxy in each isolate that
// shares the account's lane.
import assert from "node:assert/strict";
import { test } from "node:test";
import { newToken } from "../consumers/runner/poll.mjs";
import { settings } from "./settings.mjs";
import { assertSpaced, requestsOf } from "./standin.mjs";
import { startWorker } from "./worker.mjs";

const FLOOR_MS = 250;
// A request that is given up may arrive later, and on a busy machine that is soon.
const CLIENT = { minIntervalMs: FLOOR_MS, requestTimeoutMs: 10_000 };
const ISOLATES = ["host", "one", "two", "three"];

/** Follows a batch to its end from one isolate, and again where the process was killed meanwhile. */
async function follow(worker, path, batch, { name, visitor, until }) {
  let [requested, since] = [0, ""];
  while (!until.aborted) {
    const headers = { "x-visitor": visitor, prefer: `wait=10${since && `; since="${since}"`}` };
    let answer, text;
    try {
      answer = await worker.request(`${path}/getBatchResults`, batch, { name, headers });
      text = await answer.text();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
      continue;
    }
    requested += 1;
    assert.ok([200, 204, 429].includes(answer.status), `${answer.status} ${text}`);
    if (answer.status === 200) {
      since = answer.headers.get("extracta-state");
      const { files = [] } = JSON.parse(text);
      if (files.length > 0 && files.every(({ status }) => status === "processed")) return requested;
    }
    const afterS = Number(answer.headers.get("retry-after") ?? 0);
    await new Promise((resolve) => setTimeout(resolve, 1_000 * afterS));
  }
}

/** Distinct batches that are finished at their third request. */
const ownBatch = (nth) => ({ extractionId: "own", batchId: `waits-${"0".repeat(nth + 1)}2` });

async function assertNobodyWasRefused(token) {
  const count = await assertSpaced(token, FLOOR_MS);
  assert.ok((await requestsOf(token)).every(({ violation, status }) => !violation && status !== 429));
  return count;
}

for (const [path, what] of [["proxied", "one object"], ["plain", "the account's lane"]]) {
  test(`visitors in four isolates keep one floor through ${what}, also when the process is killed in the middle`, async (t) => {
    const token = newToken();
    const worker = await startWorker(t, settings({ token, client: CLIENT }));
    const follows = Array.from({ length: 12 }, (_, nth) => follow(worker, path, ownBatch(nth), { name: ISOLATES[nth % 4], visitor: `v${nth}`, until: t.signal }));
    await new Promise((resolve) => setTimeout(resolve, 8 * FLOOR_MS));
    await worker.kill();
    await worker.start();
    await Promise.all(follows);
    const count = await assertNobodyWasRefused(token);
    t.diagnostic(`${count} requests`);
    // What was under way when the process was killed is asked for again.
    assert.ok(count >= 36 && count <= 36 + 4, `${count} requests`);
  });
}

test("forty visitors of one batch make the requests of one through the object", async (t) => {
  const token = newToken();
  const worker = await startWorker(t, settings({ token, client: CLIENT }));
  const batch = { extractionId: "shared", batchId: "waits-6" };
  const requested = await Promise.all(Array.from({ length: 40 }, (_, nth) => follow(worker, "proxied", batch, { name: ISOLATES[nth % 4], visitor: `v${nth}`, until: t.signal })));
  assert.ok(requested.every((times) => times <= 3), `${requested}`);
  const count = await assertNobodyWasRefused(token);
  assert.ok(count <= 8, `${count} requests`);
});

test("a visitor that leaves takes nobody along, and the object asks for it no more", async (t) => {
  const token = newToken();
  const worker = await startWorker(t, settings({ token, client: CLIENT }));
  const leaving = new AbortController();
  const gone = Array.from({ length: 5 }, (_, nth) =>
    worker.request("proxied/getBatchResults", { extractionId: "gone", batchId: "forever" }, { signal: leaving.signal, headers: { "x-visitor": `g${nth}`, prefer: 'wait=20; since="none"' } }),
  );
  const stays = follow(worker, "proxied", ownBatch(1), { name: "one", visitor: "stays", until: t.signal });
  await Promise.allSettled(gone.slice(0, 1));
  leaving.abort();
  await Promise.allSettled(gone);
  await stays;
  const before = (await requestsOf(token)).filter(({ batchId }) => batchId === "forever").length;
  await new Promise((resolve) => setTimeout(resolve, 4 * FLOOR_MS));
  assert.equal((await requestsOf(token)).filter(({ batchId }) => batchId === "forever").length, before);
});

test("what only the object may call cannot be called by who binds it", async (t) => {
  const worker = await startWorker(t, settings({ token: newToken() }));
  await assert.rejects(worker.ask("call", { namespace: "PROXY", method: "options" }));
});
