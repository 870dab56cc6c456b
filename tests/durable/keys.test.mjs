// Moments without a usable key: they are waited for, and no batch is lost.
import assert from "node:assert/strict";
import { test } from "node:test";
import { newToken } from "../consumers/runner/poll.mjs";
import { receive } from "./receiver.mjs";
import { settings } from "./settings.mjs";
import { assertSpaced, requestsOf } from "./standin.mjs";
import { startWorker } from "./worker.mjs";

const BATCHES = ["done", "waits-1", "mixed"].map((batchId) => ({ extractionId: "keys", batchId }));

/** What the status says meanwhile. */
const KINDS = {
  missing: /^The API did not accept the key \(HTTP 401\)\.$/,
  malformed: /^token must be a string of visible ASCII characters/,
  "malformed when asked for": /^token must be a string of visible ASCII characters/,
  refused: /^The API did not accept the key \(HTTP 401\)\.$/,
  "none to be had": /^client\(\), or its token function, threw an error\.$/,
};

for (const [kind, fault] of Object.entries(KINDS)) {
  test(`a key that is ${kind} is waited for, and the status says so`, async (t) => {
    const token = newToken();
    const receiver = await receive(t);
    const worker = await startWorker(t, settings({ token }));
    const deliver = { callback: receiver.url, secret: "CALLBACK_SECRET" };
    await worker.call("setKey", kind);
    const ids = await worker.call("start", BATCHES.map((batch, index) => ({ ...batch, id: `mine-${index}` })), { deliver });
    const [late] = await worker.call("start", { extractionId: "keys", batchId: "forever" }, { deliver, timeoutMs: 500 });
    const { state, outcome, fault: reported } = await worker.until(ids[0], (status) => status.fault);
    assert.deepEqual([state, outcome], ["polling", undefined]);
    assert.match(reported, fault);
    assert.ok(!reported.includes("not the key of"), "the server's words");
    // Its time is over, and that is delivered, key or not.
    const failed = await worker.settled(late);
    assert.deepEqual([failed.state, failed.outcome, failed.error.code], ["delivered", "failed", "POLL_TIMEOUT"]);
    assert.deepEqual(await worker.call("start", { ...BATCHES[0], id: "mine-0" }, { deliver }), ["mine-0"], "a start may be repeated");
    assert.deepEqual((await requestsOf(token)).length, 0);

    await worker.call("setKey", "right");
    for (const id of ids) {
      const status = await worker.settled(id);
      assert.deepEqual([status.state, status.outcome, status.fault], ["delivered", "done", undefined]);
    }
    assert.deepEqual(receiver.ids(), new Set([...ids, late]));
    await assertSpaced(token);
  });
}

test("deployed without the key, and then with it: nothing is lost, and the first status names the secret", async (t) => {
  const token = newToken();
  const receiver = await receive(t);
  const { EXTRACTA_API_KEY: _, EXTRACTA_BASE_URL: __, ...without } = settings({ token });
  const worker = await startWorker(t, without);
  const plain = (method, ...args) => worker.ask("call", { namespace: "PLAIN", method, args });
  const deliver = { callback: receiver.url, secret: "CALLBACK_SECRET" };
  const ids = await plain("start", BATCHES, { deliver });
  for (let status; status?.fault !== "The Worker has no secret EXTRACTA_API_KEY."; ) {
    status = await plain("status", ids[0]);
    assert.equal(status.state, "polling");
  }
  // It is known to the next life of the object, before that has found out for itself.
  await worker.deploy(settings({ token }));
  for (const id of ids) {
    for (let status; status?.state !== "delivered"; ) {
      status = await plain("status", id);
      assert.ok(["polling", "delivering", "delivered"].includes(status.state), JSON.stringify(status));
    }
  }
  assert.deepEqual(receiver.ids(), new Set(ids));
  await assertSpaced(token, 2_000);
});

test("client() may return a promise, and anything but an object is reported", async (t) => {
  const token = newToken();
  const receiver = await receive(t);
  const worker = await startWorker(t, settings({ token }));
  const deliver = { callback: receiver.url, secret: "CALLBACK_SECRET" };
  await worker.call("setClient", "no object");
  const [id] = await worker.call("start", BATCHES[1], { deliver });
  const { fault } = await worker.until(id, (status) => status.fault);
  assert.equal(fault, "client() must return the options of a client, or a promise of them.");
  await worker.call("setClient", "a promise");
  assert.equal((await worker.settled(id)).state, "delivered");
  await assertSpaced(token);
});

test("a listener that throws loses no batch, whatever stops the object", async (t) => {
  const token = newToken();
  const receiver = await receive(t);
  const worker = await startWorker(t, settings({ token, isKilled: true, polls: { eventsFail: true } }));
  const deliver = { callback: receiver.url, secret: "CALLBACK_SECRET" };
  const [id] = await worker.call("start", { extractionId: "events", batchId: "http-503" }, { deliver });
  const requested = async () => (await requestsOf(token)).length;
  while ((await requested()) < 6) await new Promise((resolve) => setTimeout(resolve, 20));
  await worker.kill();
  await worker.start();
  const before = await requested();
  while ((await requested()) < before + 1) await new Promise((resolve) => setTimeout(resolve, 20));
  const { state, outcome, attempts } = await worker.call("status", id);
  assert.deepEqual([state, outcome], ["polling", undefined]);
  assert.ok(attempts >= 5, `${attempts} attempts are known`);
  await worker.call("cancel", id);
});
