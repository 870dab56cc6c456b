// The receiver of webhooks: each event once, and polls that end at once when theirs arrives.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { ExtractaClient } from "extracta-wasm";
import { WebhookReceiver } from "extracta-wasm/webhooks";
import { runNode } from "./child.mjs";
import { extraction, fast, FAST_FLOOR_MS, gapsOf, oneTurn, requestsOf, severalFloors } from "./standin.mjs";
import { delivery, file, post, SECRET, signatureOf, signed } from "./webhook-sender.mjs";

/** No poll comes by itself within a test: only a nudge can be the reason for one. */
const A_DAY_MS = 86_400_000;
/** Not a limit on how fast anything is: a poll that nobody nudges fails its test instead of hanging it. */
const HUNG = { timeout: 60_000 };

const receiver = (options) => new WebhookReceiver({ secret: SECRET, ...options });

/** A client of the fast stand-in until the test ends: a poll that waits for a day would keep the process. */
function fastClient(t) {
  const options = fast();
  const client = new ExtractaClient(options);
  t.after(() => client.close());
  return { client, options };
}

/** A server on this machine whose only route is the webhook's; gives its address. */
async function serve(t, handle) {
  const server = createServer(async (request, response) => {
    const answer = await handle(request);
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))));
  return `http://127.0.0.1:${server.address().port}/hook`;
}

/** A watch of which it is counted how often it was nudged. */
function watch() {
  const { promise, resolve, reject } = deferred();
  return { result: promise, settle: resolve, fail: reject, nudges: 0, nudge() { this.nudges++; } };
}

function deferred() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

test("a true webhook ends the poll that waits for its batch, by a request of its own; nothing else does", HUNG, async (t) => {
  const { client, options } = fastClient(t);
  const hooks = receiver();
  const url = await serve(t, (request) => hooks.handle(request));
  const batch = { extractionId: "template", batchId: "waits-1" };
  const seen = deferred();
  const polling = client.watch(batch, { intervalMs: A_DAY_MS, timeoutMs: Infinity, onProgress: ({ attempt }) => attempt > 0 && seen.resolve() });
  assert.equal(hooks.follow(polling, batch), polling);
  await seen.promise;

  const status = async (sent) => (await post(url, sent)).status;
  const ofBatch = delivery([file("a", batch)]);
  const forged = { ...ofBatch, body: ofBatch.body.replace("12.50", "99.99") };
  assert.equal(await status(forged), 401);
  assert.equal(await status({ ...ofBatch, headers: {} }), 401);
  assert.equal(await status({ ...ofBatch, body: ofBatch.body.slice(0, -1) }), 400);
  assert.equal(await status(delivery([file("a", { ...batch, batchId: "another" })])), 200);
  assert.equal(await status(delivery([file("a", { ...batch, extractionId: "another" })])), 200);
  await severalFloors();
  assert.equal((await requestsOf(options)).length, 1, "nobody was nudged");

  assert.equal(await status(ofBatch), 200);
  const results = await polling.result;
  assert.equal(results.files.length, 3, "the API's answer, not the webhook's");
  assert.equal((await requestsOf(options)).length, 2, "the poll after the nudge was the last");
  const [gaps] = Object.values(await gapsOf(options));
  assert.equal(gaps.violations, 0);
  assert.deepEqual(await (await post(url, ofBatch)).json(), { status: "ok", duplicate: true });
  await severalFloors();
  assert.equal((await requestsOf(options)).length, 2);
});

test("a webhook that comes while the lane is closed waits for it, however many come", HUNG, async (t) => {
  const { client, options } = fastClient(t);
  const hooks = receiver();
  const batch = { extractionId: "template", batchId: "waits-2" };
  const nudging = async () => {
    // As soon as an answer is there the lane is closed for the floor.
    const events = ["extraction.processed", "extraction.edited", "extraction.confirmed"].map((event) => delivery([file(`f${Math.random()}`, batch)], { event }));
    for (const sent of events) assert.equal((await hooks.receive(sent)).duplicate, false);
  };
  const polling = hooks.follow(client.watch(batch, { intervalMs: A_DAY_MS, timeoutMs: Infinity, onProgress: () => void nudging() }), batch);
  await polling.result;
  const requests = await requestsOf(options);
  assert.equal(requests.length, 3);
  const [{ violations, smallestGapMs }] = Object.values(await gapsOf(options));
  assert.equal(violations, 0);
  assert.ok(smallestGapMs >= FAST_FLOOR_MS - 10, `${smallestGapMs} ms`);
});

test("whatever the order of events, each is reported once; with other content it is another", async () => {
  const reported = [];
  const hooks = receiver();
  const names = ["extraction.confirmed", "extraction.edited", "extraction.failed", "extraction.processed"];
  const sent = names.flatMap((event) => [delivery([file("a")], { event }), delivery([file("a", { result: { total: "13.00" } })], { event })]);
  for (const one of [...sent, ...sent.toReversed(), ...sent]) {
    const answer = await hooks.handle(one, (event) => void reported.push(event));
    assert.equal(answer.status, 200);
  }
  assert.deepEqual(reported.map(({ event }) => event), names.flatMap((name) => [name, name]));
  assert.equal(new Set(reported.map(({ id }) => id)).size, 8);
});

test("three copies at the same moment are reported once, and all are answered when that is done", async () => {
  const hooks = receiver();
  const sent = delivery([file("a")]);
  const { promise: done, resolve } = deferred();
  const reported = [];
  const onEvent = ({ id }) => {
    reported.push(id);
    return done;
  };
  let answered = 0;
  const answers = Array.from({ length: 3 }, async () => {
    const answer = await hooks.handle(sent, onEvent);
    answered += 1;
    return (await answer.json()).duplicate;
  });
  while (reported.length === 0) await oneTurn();
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual([reported.length, answered], [1, 0]);
  resolve();
  assert.deepEqual((await Promise.all(answers)).toSorted(), [false, true, true]);
  assert.equal(reported.length, 1);
});

test("if handing it over fails, the next copy of the same moment has its turn", async () => {
  const hooks = receiver();
  const sent = delivery([file("a")]);
  let reported = 0;
  const onEvent = async () => {
    if (++reported === 1) throw new RangeError("the database is down");
  };
  const outcomes = await Promise.allSettled(Array.from({ length: 3 }, () => hooks.receive(sent, onEvent)));
  assert.deepEqual(outcomes.map(({ status, value }) => value?.duplicate ?? status).toSorted(), [false, "rejected", true]);
  assert.equal(reported, 2);
});

test("an event whose receiver failed comes again", async () => {
  const hooks = receiver();
  const sent = delivery([file("a")]);
  const failing = hooks.handle(sent, async () => Promise.reject(new RangeError("the database is down")));
  await assert.rejects(failing, RangeError);
  let reported = 0;
  assert.deepEqual(await (await hooks.handle(sent, () => void reported++)).json(), { status: "ok", duplicate: false });
  assert.deepEqual(await (await hooks.handle(sent, () => void reported++)).json(), { status: "ok", duplicate: true });
  assert.equal(reported, 1);
});

test("events are remembered in seen, and looked up there", async () => {
  const requested = [];
  const ids = new Set();
  const later = { has: async (id) => (requested.push(id), ids.has(id)), add: async (id) => void ids.add(id) };
  const sent = delivery([file("a")]);
  const [one, other] = [receiver({ seen: later }), receiver({ seen: later })];
  assert.equal((await one.receive(sent)).duplicate, false);
  assert.equal((await other.receive(sent)).duplicate, true);
  assert.equal((await receiver({ seen: new Set(ids) }).receive(sent)).duplicate, true);
  assert.equal(new Set(requested).size, 1);
  await assert.rejects(receiver({ seen: { has: () => Promise.reject(new RangeError()), add() {} } }).handle(sent), RangeError);
});

test("without a place of one's own the latest ten thousand are remembered", async () => {
  const hooks = receiver();
  const nth = (number) => delivery([file(`f${number}`)]);
  for (let number = 0; number <= 10_000; number++) assert.equal((await hooks.receive(nth(number))).duplicate, false);
  assert.equal((await hooks.receive(nth(1))).duplicate, true);
  assert.equal((await hooks.receive(nth(0))).duplicate, false, "the oldest made room");
});

test("all watches of a batch are nudged until they settle, and by no replay", async () => {
  const hooks = receiver();
  const batch = extraction("b");
  const [one, other, elsewhere] = [watch(), watch(), watch()];
  hooks.follow(one, batch);
  hooks.follow(other, batch);
  hooks.follow(elsewhere, extraction("c"));
  const nudges = () => [one, other, elsewhere].map((each) => each.nudges);
  const sent = (fileId) => delivery([file(fileId, batch), file(`${fileId}2`, batch)]);
  await hooks.receive(sent("a"));
  await hooks.receive(sent("a"));
  assert.deepEqual(nudges(), [1, 1, 0]);
  one.settle();
  await oneTurn();
  await hooks.receive(sent("b"));
  assert.deepEqual(nudges(), [1, 2, 0]);
  other.fail(new Error("gave up"));
  await oneTurn();
  await hooks.receive(sent("c"));
  assert.deepEqual(nudges(), [1, 2, 0]);
  const again = watch();
  hooks.follow(again, batch);
  await hooks.receive(sent("d"));
  assert.equal(again.nudges, 1);
});

test("a watch that cannot be nudged keeps nobody from hearing of it", async () => {
  const hooks = receiver();
  const [broken, sound] = [watch(), watch()];
  broken.nudge = () => {
    throw new Error("stopped");
  };
  for (const one of [broken, sound]) hooks.follow(one, extraction("b"));
  for (const fileId of ["a", "b"]) assert.equal((await hooks.handle(delivery([file(fileId, extraction("b"))]))).status, 200);
  assert.equal(sound.nudges, 2);
});

test("what cannot be followed is reported", () => {
  const hooks = receiver();
  for (const [followed, batch] of [
    [undefined, extraction("b")], [{}, extraction("b")], [Promise.resolve(), extraction("b")], [{ nudge() {} }, extraction("b")],
    [watch(), undefined], [watch(), {}], [watch(), { classificationId: "c", batchId: "b" }], [watch(), { extractionId: "e" }],
  ]) {
    assert.throws(() => hooks.follow(followed, batch), { name: "WebhookError", code: "INVALID_OPTION" });
  }
});

test("answers go out over HTTP, also to who sends too much", async (t) => {
  const hooks = receiver({ maxBodyBytes: 100_000 });
  const reported = [];
  const url = await serve(t, (request) => hooks.handle(request, ({ event }) => void reported.push(event)));
  const answerTo = async (sent) => {
    const response = await post(url, sent);
    return [response.status, await response.json()];
  };
  const right = delivery([file("חשבונית")]);
  assert.deepEqual(await answerTo(right), [200, { status: "ok", duplicate: false }]);
  assert.deepEqual(await answerTo(right), [200, { status: "ok", duplicate: true }]);
  const long = [file("long", { result: { text: "x".repeat(1_000_000) } })];
  for (const [status, code, sent] of [
    [401, "SIGNATURE_MISMATCH", signed(right.body, signatureOf([]))],
    [413, "TOO_LARGE", delivery(long)],
    [413, "TOO_LARGE", { ...delivery(long), body: new Blob([delivery(long).body]).stream(), duplex: "half" }],
    [400, "MALFORMED", signed("<p>", signatureOf([]))],
  ]) {
    const [answered, { message, ...rest }] = await answerTo(sent);
    assert.deepEqual([answered, rest], [status, { status: "error", code }]);
    assert.match(message, /^[^\r\n]{20,}$/);
  }
  assert.deepEqual(reported, ["extraction.processed"]);
});

test("it needs no wasm, nor anything of the client, imported or required", async () => {
  const sent = delivery([file("a")]);
  for (const load of ['await import("extracta-wasm/webhooks")', 'createRequire(process.cwd() + "/")("extracta-wasm/webhooks")']) {
    const { stdout, stderr } = await runNode(`
      import { createRequire } from "node:module";
      delete globalThis.WebAssembly;
      const { WebhookReceiver } = ${load};
      const { duplicate } = await new WebhookReceiver({ secret: ${JSON.stringify(SECRET)} }).receive(${JSON.stringify(sent)});
      console.log(duplicate, Object.getOwnPropertySymbols(globalThis).filter((symbol) => String(symbol).includes("extracta")).length);
    `);
    assert.deepEqual([stdout, stderr], ["false 0", ""]);
  }
});
