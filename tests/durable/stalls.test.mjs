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
const REQUEST_TIMEOUT_MS = 5_000;
// The first request is on its way by then, and far from its timeout.
const AFTER_MS = 100;

const FINISHED = JSON.stringify({ status: "processed", files: [{ fileId: "a", status: "processed" }] });

/** An API that the first request reaches when the test lets it, and the others at once. Gives when each arrived. */
async function distantApi(t, { answersFirst }) {
  const arrived = [];
  let [arrive, sent] = [undefined, 0];
  const mayArrive = new Promise((resolve) => (arrive = resolve));
  const server = createServer(async (incoming, outgoing) => {
    await incoming.toArray();
    const isFirst = (sent += 1) === 1;
    if (isFirst) await mayArrive;
    arrived.push(performance.now());
    if (!isFirst || answersFirst) outgoing.setHeader("content-type", "application/json").end(FINISHED);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { arrived, arrive, sent: () => sent, url: `http://127.0.0.1:${server.address().port}` };
}

/** Has the Worker stand still for so long while its first request is on its way, which arrives at the end of that. */
async function askWhileStill(t, api, stillMs) {
  const client = { minIntervalMs: FLOOR_MS, requestTimeoutMs: REQUEST_TIMEOUT_MS };
  const worker = await startWorker(t, settings({ token: newToken(), EXTRACTA_BASE_URL: api.url, client }));
  const visits = Array.from({ length: 4 }, async (_, nth) => {
    const answer = await worker.request("proxied/getBatchResults", { extractionId: "e", batchId: `b${nth}` }, { headers: { "x-visitor": `v${nth}` } });
    await answer.text();
    return answer.status;
  });
  while (api.sent() === 0) await sleep(1);
  await sleep(AFTER_MS);
  const goOn = worker.standStill();
  await sleep(stillMs);
  api.arrive();
  while (api.arrived.length === 0) await sleep(0);
  goOn();
  return (await Promise.all(visits)).sort();
}

function assertSpaced({ arrived }) {
  const gaps = arrived.slice(1).map((at, nth) => Math.round(at - arrived[nth]));
  assert.ok(Math.min(...gaps) >= FLOOR_MS - 1, `${gaps} ms`);
}

test("an answer that waited for the object counts from when it is read, not from when the next timer was due", async (t) => {
  const api = await distantApi(t, { answersFirst: true });
  // Several timers are due meanwhile.
  assert.deepEqual(await askWhileStill(t, api, 4 * FLOOR_MS), [200, 200, 200, 200]);
  assertSpaced(api);
});

test("a request that is given up late may have arrived until then", async (t) => {
  const api = await distantApi(t, { answersFirst: false });
  assert.deepEqual(await askWhileStill(t, api, REQUEST_TIMEOUT_MS), [200, 200, 200, 504]);
  assertSpaced(api);
});
