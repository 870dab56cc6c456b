// Polls that outlive the request that started them: what becomes of each.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { expect } from "../../xtask/expect.mjs";
import { newToken } from "../consumers/runner/poll.mjs";
import { receive } from "./receiver.mjs";
import { SECRET, settings } from "./settings.mjs";
import { assertSpaced, requestsOf } from "./standin.mjs";
import { startWorker } from "./worker.mjs";

// The stand-in counts polls by batchId: tests that count them use one that no other does.
const extraction = (batchId) => ({ extractionId: "extraction", batchId });

test("durable polls", async (t) => {
  const token = newToken();
  const queued = await receive(t);
  const worker = await startWorker(t, settings({ token, QUEUE_RECEIVER: queued.url, polls: { deliveryTimeoutMs: 3_000 } }));
  const requested = async () => (await requestsOf(token)).length;
  const start = async (batch, options) => (await worker.call("start", batch, options))[0];
  const toCallback = ({ url }) => ({ deliver: { callback: url, secret: "CALLBACK_SECRET" } });

  await t.test("a batch is polled by alarm and delivered to a callback, signed", async (t) => {
    const receiver = await receive(t);
    const batch = extraction("waits-2");
    const id = await start(batch, toCallback(receiver));
    const { createdAt, settledAt, ...status } = await worker.settled(id);
    const counts = { total: 3, processed: 3, failed: 0, pending: 0 };
    assert.deepEqual(status, { id, batch, state: "delivered", outcome: "done", counts, attempts: 3, deliveries: 1 });
    assert.ok(settledAt >= createdAt);
    const [{ headers, json, body }] = receiver.arrived;
    assert.deepEqual([json.id, json.batch, json.results.done, json.results.files.length], [id, batch, true, 3]);
    assert.equal(headers["webhook-id"], id);
    const key = Buffer.from(SECRET.slice("whsec_".length), "base64");
    const signature = createHmac("sha256", key).update(`${id}.${headers["webhook-timestamp"]}.`).update(body).digest("base64");
    assert.equal(headers["webhook-signature"], `v1,${signature}`);
    assert.equal(receiver.arrived.length, 1);
  });

  await t.test("a classification brings its linked extractions along", async (t) => {
    const receiver = await receive(t);
    const id = await start({ classificationId: "classification", batchId: "linked" }, { ...toCallback(receiver), followExtractions: true });
    assert.equal((await worker.settled(id)).state, "delivered");
    const { files } = receiver.arrived[0].json.results;
    assert.ok(files.some(({ extracted }) => extracted?.status === "processed"));
  });

  await t.test("a poll that fails, and one whose time is over, are delivered as errors", async (t) => {
    const receiver = await receive(t);
    const failing = await start(extraction("http-404"), toCallback(receiver));
    const late = await start(extraction("forever"), { ...toCallback(receiver), timeoutMs: 200 });
    const statuses = await Promise.all([worker.settled(failing), worker.settled(late)]);
    assert.deepEqual(statuses.map(({ state, outcome, error }) => [state, outcome, error.code]), [["delivered", "failed", "NOT_FOUND"], ["delivered", "failed", "POLL_TIMEOUT"]]);
    const errorOf = (id) => receiver.arrived.find((delivery) => delivery.id === id).json.error;
    assert.deepEqual([errorOf(failing), errorOf(late)], statuses.map(({ error }) => error));
  });

  await t.test("transient failures are survived", async (t) => {
    const receiver = await receive(t);
    const ids = await Promise.all(["http-503-then-done", "reset-then-done", "html-502-then-done"].map((batchId) => start(extraction(batchId), toCallback(receiver))));
    for (const id of ids) assert.equal((await worker.settled(id)).outcome, "done");
  });

  await t.test("to a queue, but for what no queue takes", async () => {
    const small = await start(extraction("done"), { deliver: { queue: "QUEUE" } });
    const large = await start(extraction("megabytes-1"), { deliver: { queue: "QUEUE" } });
    assert.equal((await worker.settled(small)).state, "delivered");
    const { state, outcome, deliveryError } = await worker.settled(large);
    assert.deepEqual([state, outcome], ["undelivered", "done"]);
    assert.match(deliveryError, /more than a queue takes \(128 KB\): deliver to a bucket/);
    await expect.poll(() => [...queued.ids()]).toEqual([small]);
    assert.equal(queued.arrived[0].json.results.files.length, 3);
  });

  await t.test("to a bucket, whatever the size", async () => {
    const id = await start({ ...extraction("megabytes-1"), id: "chosen" }, { deliver: { bucket: "BUCKET", prefix: "results/" } });
    assert.equal(id, "chosen");
    assert.equal((await worker.settled(id)).state, "delivered");
    const stored = await worker.ask("object", { key: "results/chosen" });
    assert.ok(stored.length > 1_000_000);
    assert.equal(JSON.parse(stored).id, id);
  });

  await t.test("a delivery that is refused or redirected is tried again, with the results fetched again", async (t) => {
    const elsewhere = await receive(t);
    // Refused until the refusal was seen in its status, and then redirected once: each is there for a moment only.
    const answers = [{ status: 307, location: elsewhere.url }, { status: 204 }];
    let isSeen = false;
    const receiver = await receive(t, () => (isSeen ? answers.shift() : { status: 500 }));
    const before = await requested();
    const id = await start(extraction("done"), toCallback(receiver));
    const first = await worker.until(id, ({ deliveryError }) => deliveryError);
    assert.equal(first.deliveryError, "The callback answered 500.");
    isSeen = true;
    const { state, deliveries, deliveryError } = await worker.settled(id);
    const times = receiver.arrived.length;
    assert.ok(times >= 3 && answers.length === 0, `${times} deliveries`);
    assert.deepEqual([state, deliveries, deliveryError], ["delivered", times, undefined]);
    assert.deepEqual([...receiver.ids()], [id]);
    assert.deepEqual(elsewhere.arrived, []);
    await expect.poll(requested).toBe(before + times);
  });

  await t.test("a delivery that never succeeds is given up, and holds up no other", async (t) => {
    const receiver = await receive(t, () => new Promise(() => {}));
    const healthy = await receive(t);
    const stuck = await start(extraction("done"), { ...toCallback(receiver), deliverWithinMs: 500 });
    const others = await Promise.all(Array.from({ length: 5 }, () => start(extraction("done"), toCallback(healthy))));
    for (const id of others) assert.equal((await worker.settled(id)).state, "delivered");
    const { state, outcome, deliveryError } = await worker.settled(stuck);
    assert.deepEqual([state, outcome, deliveryError], ["undelivered", "done", "The delivery took longer than 3000 ms."]);
  });

  await t.test("what is cancelled asks no more and is not delivered", async (t) => {
    const receiver = await receive(t);
    const id = await start(extraction("forever"), toCallback(receiver));
    await worker.until(id, ({ attempts }) => attempts >= 2);
    assert.equal((await worker.call("cancel", id)).state, "cancelled");
    // What was on its way may still arrive, once the stand-in goes on.
    await requested();
    await setTimeout(200);
    const before = await requested();
    await setTimeout(200);
    assert.equal(await requested(), before);
    assert.deepEqual(receiver.arrived, []);
    assert.equal(await worker.call("cancel", "nobody's"), null);
  });

  await t.test("a start may be repeated, and an id stays with its batch", async (t) => {
    const receiver = await receive(t);
    const batch = { ...extraction("empty-object-then-done"), id: "repeated" };
    assert.equal(await start(batch, toCallback(receiver)), "repeated");
    assert.equal(await start(batch, toCallback(receiver)), "repeated");
    await worker.settled("repeated");
    assert.equal(await start(batch, toCallback(receiver)), "repeated");
    await assert.rejects(start({ ...extraction("done"), id: "repeated" }, toCallback(receiver)), /^Error: The id repeated is that of another batch/);
    assert.equal(receiver.arrived.length, 1);
  });

  await t.test("wrong arguments are reported at once, and nothing is started", async () => {
    const deliver = { queue: "QUEUE" };
    const before = await worker.call("list", { limit: 1_000 });
    for (const [batch, options, message] of [
      [{ extractionId: "e" }, { deliver }, /batchId/],
      [[extraction("done"), { batchId: "b" }], { deliver }, /extractionId/],
      [extraction("done"), { deliver, intervalMs: 1 }, /intervalMs/],
      [extraction("done"), { deliver, signal: {} }, /signal is not an option/],
      [extraction("done"), { deliver, deliverWithinMs: 0 }, /deliverWithinMs/],
      [{ ...extraction("done"), id: "" }, { deliver }, /id must be a string/],
      [{ ...extraction("done"), id: "a\n" }, { deliver }, /id must be a string/],
      [extraction("done"), {}, /deliver must have one of/],
      [extraction("done"), { deliver: { queue: "QUEUE", bucket: "BUCKET" } }, /deliver must have one of/],
      [extraction("done"), { deliver: { queue: "ANOTHER" } }, /deliver\.queue must be the name of a binding/],
      [extraction("done"), { deliver: { callback: "http://receiver.example/", secret: "CALLBACK_SECRET" } }, /must be an https URL/],
      [extraction("done"), { deliver: { callback: "https://receiver.example/", secret: "ANOTHER" } }, /must be the name of a secret/],
      [extraction("done"), { deliver: { callback: "https://receiver.example/", secret: "EXTRACTA_API_KEY" } }, /must be whsec_ and 24 to 64/],
    ]) {
      await assert.rejects(start(batch, options), { message });
    }
    assert.deepEqual(await worker.call("list", { limit: 1_000 }), before);
  });

  await t.test("exceptions in the alarm delay a poll and do not end it", async (t) => {
    const receiver = await receive(t);
    const id = await start(extraction("waits-240"), toCallback(receiver));
    await worker.until(id, ({ attempts }) => attempts > 0);
    await worker.call("failNext", 1, 1);
    const { fault } = await worker.until(id, (status) => status.fault);
    assert.equal(fault, "client(), or its token function, threw an error.");
    const status = await worker.settled(id);
    assert.deepEqual([status.state, status.fault, receiver.arrived.length], ["delivered", undefined, 1]);
  });

  await t.test("progress can be watched, without any document", async (t) => {
    const receiver = await receive(t);
    // Long enough that some of it is left when the watching begins.
    const ids = await Promise.all([start(extraction("waits-150"), toCallback(receiver)), start(extraction("done"), toCallback(receiver))]);
    const answer = await worker.events(ids);
    assert.equal(answer.headers.get("content-type"), "text/event-stream");
    const text = await answer.text();
    const statuses = text.trimEnd().split("\n\n").map((event) => JSON.parse(event.replace("data: ", "")));
    assert.deepEqual(new Set(statuses.map(({ id }) => id)), new Set(ids));
    assert.ok(statuses.some(({ id, state, attempts }) => id === ids[0] && state === "polling" && attempts > 0), text);
    for (const id of ids) assert.equal(statuses.findLast((status) => status.id === id).state, "delivered");
    for (const { fileName } of receiver.arrived[0].json.results.files) assert.ok(!text.includes(fileName));
    assert.equal((await worker.events(["nobody's"])).status, 404);
  });

  await t.test("word from elsewhere ends a long wait", async (t) => {
    const receiver = await receive(t);
    const batch = extraction("waits-1");
    const id = await start(batch, { ...toCallback(receiver), intervalMs: 3_600_000 });
    await worker.until(id, ({ attempts }) => attempts === 1);
    assert.deepEqual(await worker.call("nudge", { ...batch, extractionId: "another" }), []);
    assert.deepEqual(await worker.call("nudge", batch), [id]);
    assert.equal((await worker.settled(id)).state, "delivered");
  });

  await t.test("polls are listed by state and page by page", async () => {
    const delivered = await worker.call("list", { state: "delivered", limit: 1_000 });
    assert.ok(delivered.length > 5 && delivered.every(({ state }) => state === "delivered"));
    const [first, second] = delivered.map(({ id }) => id);
    assert.deepEqual((await worker.call("list", { state: "delivered", after: first, limit: 1 })).map(({ id }) => id), [second]);
  });

  await assertSpaced(token);
});

test("what became of a poll is forgotten after a while", async (t) => {
  const receiver = await receive(t);
  const worker = await startWorker(t, settings({ polls: { keepMs: 200 } }));
  const [id] = await worker.call("start", extraction("done"), { deliver: { callback: receiver.url, secret: "CALLBACK_SECRET" } });
  await worker.until(id, (status) => status === null);
  assert.deepEqual([...receiver.ids()], [id]);
});
