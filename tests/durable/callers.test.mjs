// What others may ask of the objects, and with what.
import assert from "node:assert/strict";
import { test } from "node:test";
import { receive } from "./receiver.mjs";
import { settings } from "./settings.mjs";
import { assertNotStored } from "./storage.mjs";
import { startWorker } from "./worker.mjs";

const batch = { extractionId: "e", batchId: "done" };

test("nobody who binds the namespace gets the key, or has anything signed", async (t) => {
  const receiver = await receive(t);
  const worker = await startWorker(t, settings());
  const target = { callback: receiver.url, secret: "CALLBACK_SECRET" };
  for (const namespace of ["POLLS", "POLLS_IN_LANE", "PLAIN"]) {
    for (const [method, args] of [["client", []], ["deliver", [{ id: "forged", batch, results: {} }, target, { signal: {} }]], ["ctx", []], ["env", []], ["workMs", []]]) {
      await assert.rejects(worker.ask("call", { namespace, method, args }, "one"), /^TypeError: The RPC receiver/, `${namespace}.${method}`);
    }
  }
  assert.deepEqual(receiver.arrived, []);
});

test("every number has its range", async (t) => {
  const worker = await startWorker(t, settings());
  const deliver = { queue: "QUEUE" };
  let objects = 0;
  for (const [name, numbers] of Object.entries({
    keepMs: ["Infinity", "NaN", "-1", "1e300"],
    workMs: ["Infinity", "0", "NaN", "900001"],
    deliveryTimeoutMs: ["Infinity", "0", "NaN"],
    retryMs: ["Infinity", "0", "-5", "NaN"],
  })) {
    for (const number of numbers) {
      const started = worker.ask("call", { object: `object ${objects++}`, method: "startWith", args: [name, number, batch, { deliver }] });
      await assert.rejects(started, new RegExp(`^TypeError: ${name} must be a number from`), `${name}: ${number}`);
    }
  }
  for (const [name, numbers] of Object.entries({
    deliverWithinMs: [0, -1, 1e300, "5", null, {}],
    intervalMs: [1e300, "5", null],
    initialDelayMs: [1e300, -1, []],
    requestTimeoutMs: [0, 1e9, "5"],
    timeoutMs: [0, -1, "5", null],
    maxRetries: [-1, 1.5, "5"],
  })) {
    for (const number of numbers) await assert.rejects(worker.call("start", batch, { deliver, [name]: number }), new RegExp(name), `${name}: ${number}`);
  }
  for (const options of [{ limit: -1 }, { limit: 0 }, { limit: 1.5 }, { limit: "1" }, { limit: null }, { state: "gone" }, { after: 5 }]) {
    await assert.rejects(worker.call("list", options), /^TypeError/, JSON.stringify(options));
  }
  for (const method of ["status", "cancel"]) {
    for (const id of [null, 5, {}]) await assert.rejects(worker.call(method, id), /^TypeError: id must be/);
    for (const id of ["", "x".repeat(5_000), "\n", "__proto__"]) assert.equal(await worker.call(method, id), null);
  }
  for (const nudged of [null, 5, {}, { batchId: 5 }]) await assert.rejects(worker.call("nudge", nudged), /^TypeError: batchId must be/);
  for (const started of [null, 5, [null]]) await assert.rejects(worker.call("start", started, { deliver }), /TypeError|ExtractaError/);
  assert.deepEqual(await worker.call("list"), []);

  const lane = (method, request) => worker.ask("call", { namespace: "LANE", method, args: [request] });
  const requested = { lane: "l", member: "m", gapMs: 100 };
  for (const wrong of [{ gapMs: -1 }, { gapMs: "5" }, { gapMs: 1e300 }, { gapMs: null }, { lane: "" }, { lane: 5 }, { lane: "x".repeat(501) }, { member: null }]) {
    await assert.rejects(lane("reserve", { ...requested, ...wrong }), /^TypeError/, JSON.stringify(wrong));
  }
  for (const closedForMs of [-1, "5", 1e300, null]) await assert.rejects(lane("hold", { lane: "l", member: "m", closedForMs }), /^TypeError/);
  assert.equal(await lane("reserve", requested), 0, "nothing closed it");
});

test("a callback has no credentials and no private address, and a binding is one of the Worker's own", async (t) => {
  const worker = await startWorker(t, settings({ polls: { allowLocalCallbacks: false } }));
  const start = (deliver) => worker.ask("call", { namespace: "PLAIN", method: "start", args: [{ ...batch, id: "never" }, { deliver, initialDelayMs: 3_600_000 }] });
  const callback = (url) => start({ callback: url, secret: "CALLBACK_SECRET" });
  for (const host of [
    "localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "0.0.0.0", "10.0.0.1", "100.64.0.1", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.168.1.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "[::]", "[::1]", "[::ffff:10.0.0.1]", "[::10.0.0.1]", "[64:ff9b::a00:1]",
    "[2002:a00:1::]", "[fc00::1]", "[fd12::1]", "[fe80::1]", "[ff02::1]", "[2001:db8::1]", "printer", "router.local", "metadata.google.internal", "nas.home.arpa",
  ]) {
    await assert.rejects(callback(`https://${host}/finished`), /^TypeError: deliver\.callback must be a public address/, host);
  }
  for (const url of ["https://user@receiver.example/", "https://user:secret@receiver.example/", "https://:secret@receiver.example/"]) {
    await assert.rejects(callback(url), /^TypeError: deliver\.callback must be a URL without user and password/, url);
  }
  for (const url of ["http://receiver.example/", "http://127.0.0.1/", "ftp://receiver.example/", "javascript:0", "/finished", ""]) {
    await assert.rejects(callback(url), /^TypeError: deliver\.callback must be an https URL/, url);
  }
  for (const name of ["toString", "constructor", "__proto__", "hasOwnProperty", "EXTRACTA_API_KEY", "LANE", ""]) {
    await assert.rejects(start({ queue: name }), /^TypeError: deliver\.queue must be the name of a binding/, name);
    await assert.rejects(start({ bucket: name }), /^TypeError: deliver\.bucket must be the name of a binding/, name);
  }
  for (const name of ["toString", "constructor", "__proto__", "LANE"]) {
    await assert.rejects(start({ callback: "https://receiver.example/", secret: name }), /^TypeError: deliver\.secret must be the name of a secret/, name);
  }
  await assert.rejects(start({ bucket: "BUCKET", prefix: 5 }), /^TypeError: deliver\.prefix/);
  for (const host of ["receiver.example", "8.8.8.8", "172.32.0.1", "[2606:4700::1111]", "xn--bcher-kva.example:8443"]) {
    assert.deepEqual(await callback(`https://${host}/finished`), ["never"], host);
  }
});

test("what a server says is neither stored nor shown", async (t) => {
  const canary = "CANARY-of-a-document-7d1b";
  // What the ids hold is stored: the server says it the other way round.
  const reversed = [...canary].reverse().join("");
  const receiver = await receive(t);
  const worker = await startWorker(t, settings());
  const deliver = { callback: receiver.url, secret: "CALLBACK_SECRET" };
  const ids = await worker.call("start", [200, 400, 403, 404, 503].map((status) => ({ extractionId: "e", batchId: `says-${status}-${reversed}` })), { deliver, maxRetries: 1 });
  const shown = [];
  for (const id of ids) {
    const status = await worker.settled(id);
    assert.deepEqual([status.state, status.outcome], ["delivered", "failed"]);
    shown.push(JSON.stringify(status));
  }
  const delivered = receiver.arrived.map(({ json }) => JSON.stringify(json.error));
  for (const text of [...shown, ...delivered]) assert.ok(!text.includes("CANARY"), text);
  assert.ok(shown.some((text) => text.includes("HTTP 404")));
  await assertNotStored(worker.storage, [canary], ids[0]);
});

test("a start may be repeated at any time, also when as many are pending as may be", async (t) => {
  const worker = await startWorker(t, settings());
  const options = { deliver: { queue: "QUEUE" }, initialDelayMs: 3_600_000 };
  const most = Array.from({ length: 10_000 }, (_, index) => ({ ...batch, id: `pending-${index}` }));
  await worker.call("start", most, options);
  assert.deepEqual(await worker.call("start", most[7], options), ["pending-7"]);
  assert.equal((await worker.call("start", most, options)).length, 10_000);
  assert.deepEqual(await worker.call("start", [most[1], most[1]], options), ["pending-1", "pending-1"]);
  await assert.rejects(worker.call("start", { ...batch, id: "one more" }, options), /^TypeError: id must be/);
  await assert.rejects(worker.call("start", [most[0], { ...batch, id: "one-more" }], options), /^RangeError: No more than 10000 batches/);
  assert.equal(await worker.call("status", "one-more"), null);
  await worker.call("cancel", "pending-3");
  assert.deepEqual(await worker.call("start", { ...batch, id: "one-more" }, options), ["one-more"]);
  await assert.rejects(worker.call("start", { ...batch, id: "another" }, options), /^RangeError/);
});

test("polls that ended are read by nobody who does not ask for them, and there is an end to them", async (t) => {
  const receiver = await receive(t);
  const worker = await startWorker(t, settings());
  const deliver = { callback: receiver.url, secret: "CALLBACK_SECRET" };
  const settled = async (more) => {
    const [id] = await worker.call("start", { extractionId: "e", batchId: more }, { deliver });
    await worker.call("nudge", { batchId: more });
    return worker.settled(id);
  };
  await settled("done");
  await worker.call("addSettled", 40_000, Date.now());
  await worker.call("rows");
  await settled("waits-1");
  const { read, written } = await worker.call("rows");
  t.diagnostic(`${read} rows read and ${written} written for one batch of two polls beside 40 000 that ended`);
  assert.ok(read < 2_000, `${read} rows read`);
});

test("of polls that ended the latest fifty thousand are known", async (t) => {
  const receiver = await receive(t);
  const worker = await startWorker(t, settings());
  const start = () => worker.call("start", batch, { deliver: { callback: receiver.url, secret: "CALLBACK_SECRET" } });
  await worker.settled((await start())[0]);
  await worker.call("addSettled", 60_000, Date.now());
  const [id] = await start();
  await worker.settled(id);
  while ((await worker.call("settledCount")) > 50_000) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal((await worker.call("status", id)).state, "delivered");
});

test("a wall clock that is a year ahead for a moment keeps no poll away", async (t) => {
  const receiver = await receive(t);
  const worker = await startWorker(t, settings());
  const deliver = { callback: receiver.url, secret: "CALLBACK_SECRET" };
  const start = (batchId, options) => worker.call("start", { extractionId: "clock", batchId }, { deliver, ...options });
  const [before] = await start("waits-30", { intervalMs: 100 });
  await worker.until(before, ({ attempts }) => attempts >= 2);
  const ahead = worker.call("clockAhead", 365 * 86_400_000, 1_500);
  const [meanwhile] = await start("waits-25", { intervalMs: 100 });
  await ahead;
  const [after] = await start("waits-3");
  for (const id of [after, meanwhile, before]) {
    const { state, outcome } = await worker.settled(id);
    assert.deepEqual([state, outcome], ["delivered", "done"]);
  }
});
