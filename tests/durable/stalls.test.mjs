// A machine that stands still for a moment: timers are late then, and in workerd the clock with them, as it never reads more than the
// moment for which the next timer was set.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { newToken } from "../consumers/runner/poll.mjs";
import { settings } from "./settings.mjs";
import { startWorker } from "./worker.mjs";

const FLOOR_MS = 250;
// Several floors, so that timers are due meanwhile that were set before.
const STILL_MS = 4 * FLOOR_MS;

/** An API that a request takes so long to reach as `delayMs` says of it, by its number from 1 on. Gives when each arrived. */
async function distantApi(t, delayMs, answer) {
  const arrived = [];
  let sent = 0;
  const server = createServer(async (incoming, outgoing) => {
    await incoming.toArray();
    const nth = (sent += 1);
    await sleep(delayMs(nth));
    arrived.push(performance.now());
    if (answer(nth)) outgoing.setHeader("content-type", "application/json").end(JSON.stringify({ status: "processed", files: [{ fileId: "a", status: "processed" }] }));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { arrived, sent: () => sent, url: `http://127.0.0.1:${server.address().port}` };
}

/** Has the Worker stand still from `afterMs` after the first request was sent, and asks for some batches meanwhile. */
async function askWhileStill(t, api, { afterMs, requestTimeoutMs }) {
  const worker = await startWorker(t, settings({ token: newToken(), EXTRACTA_BASE_URL: api.url, client: { minIntervalMs: FLOOR_MS, requestTimeoutMs } }));
  const visits = Array.from({ length: 4 }, async (_, nth) => {
    const answer = await worker.request("proxied/getBatchResults", { extractionId: "e", batchId: `b${nth}` }, { headers: { "x-visitor": `v${nth}` } });
    await answer.text();
    return answer.status;
  });
  while (api.sent() === 0) await sleep(1);
  await sleep(afterMs);
  await worker.standStill(STILL_MS);
  return Promise.all(visits);
}

function assertSpaced({ arrived }) {
  const gaps = arrived.slice(1).map((at, nth) => Math.round(at - arrived[nth]));
  assert.ok(Math.min(...gaps) >= FLOOR_MS - 1, `${gaps} ms`);
}

test("an answer that waited for the object counts from when it is read, not from when the next timer was due", async (t) => {
  const api = await distantApi(t, (nth) => (nth === 1 ? STILL_MS : 0), () => true);
  const statuses = await askWhileStill(t, api, { afterMs: 100, requestTimeoutMs: 10_000 });
  assert.deepEqual(statuses, [200, 200, 200, 200]);
  assertSpaced(api);
});

test("a request that is given up late may have arrived until then", async (t) => {
  const timeoutMs = 1_000;
  const api = await distantApi(t, (nth) => (nth === 1 ? timeoutMs - 100 + STILL_MS : 0), (nth) => nth > 1);
  const statuses = await askWhileStill(t, api, { afterMs: timeoutMs - 100, requestTimeoutMs: timeoutMs });
  assert.equal(statuses.filter((status) => status === 200).length, 3);
  assertSpaced(api);
});
