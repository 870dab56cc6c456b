// What a script adds to `Object.prototype` of the isolate is nobody's option, binding, target or id.
import assert from "node:assert/strict";
import { test } from "node:test";
import { receive } from "./receiver.mjs";
import { settings } from "./settings.mjs";
import { startWorker } from "./worker.mjs";

const ELSEWHERE = "https://elsewhere.example/";

/** Members by what reads them. */
const MEMBERS = {
  "a start": [
    ["timeoutMs", 1], ["deliverWithinMs", 1], ["intervalMs", -1], ["initialDelayMs", 3_600_000], ["maxRetries", -1], ["requestTimeoutMs", -1],
    ["onUnknownStatus", "nothing known"], ["followExtractions", "yes"],
  ],
  "a batch": [["id", "on all objects"], ["classificationId", "c"], ["fileId", "f"], ["expectedFiles", -1], ["priority", -1], ["snapshot", "{}"]],
  "a target": [["queue", "QUEUE"], ["bucket", "BUCKET"], ["prefix", 5]],
  "a list": [["state", "undelivered"], ["after", "zzz"], ["limit", 1]],
  "client()": [["allowTokenInBrowser", "yes"], ["headers", 5]],
};
const FUNCTIONS = [["onEvent", "function"], ["onProgress", "function"], ["sharePacing", "pacing"], ["onFallback", "function"]];
const ONE_BY_ONE = [...Object.values(MEMBERS).flat().map((member) => ({ members: [member] })), ...FUNCTIONS.map((one) => ({ members: [], functions: [one] }))];

test("none of them changes a start, its poll, its delivery or a list", async (t) => {
  const receiver = await receive(t);
  const worker = await startWorker(t, settings());
  const deliver = { callback: receiver.url, secret: "CALLBACK_SECRET" };
  let polls = 0;
  for (const pollution of [...ONE_BY_ONE, { members: Object.values(MEMBERS).flat(), functions: FUNCTIONS }]) {
    const what = JSON.stringify(pollution);
    await worker.ask("pollute", pollution);
    const [id, other] = await worker.call("start", [1, 2].map(() => ({ extractionId: `polluted-${(polls += 1)}`, batchId: "done" })), { deliver });
    assert.notEqual(id, other, what);
    for (const one of [id, other]) assert.equal((await worker.settled(one)).state, "delivered", what);
    // What asks of a batch that it names no kind of; what has no target, and what is listed.
    await assert.rejects(worker.call("start", { batchId: "done" }, { deliver }), /ExtractaError: batch must be/, what);
    assert.equal((await worker.call("list")).length, polls, what);
    assert.deepEqual(await worker.call("list", { state: "undelivered" }), [], what);
  }
  await worker.ask("pollute", { members: [] });
  assert.equal(receiver.arrived.length, polls);
  for (const { json } of receiver.arrived) assert.deepEqual([Object.keys(json.batch).sort(), json.results.done], [["batchId", "extractionId"], true]);
});

test("a target, a secret or a key that is missing is missing, whatever all objects have", async (t) => {
  const receiver = await receive(t);
  const worker = await startWorker(t, { ...settings(), EXTRACTA_API_KEY: undefined });
  const target = { callback: receiver.url, secret: "CALLBACK_SECRET" };
  const start = (options, namespace) => worker.ask("call", { namespace, method: "start", args: [{ extractionId: "e", batchId: "done" }, options] });
  for (const [members, options, complaint] of [
    [[["deliver", target]], {}, /deliver must have one of/],
    [[["callback", receiver.url]], { deliver: { secret: "CALLBACK_SECRET" } }, /deliver must have one of/],
    [[["secret", "CALLBACK_SECRET"]], { deliver: { callback: receiver.url } }, /deliver\.secret must be/],
    [[["ON_ALL", settings().CALLBACK_SECRET]], { deliver: { callback: receiver.url, secret: "ON_ALL" } }, /deliver\.secret must be/],
    [[["extractionId", "e"], ["batchId", "done"]], undefined, /deliver must have one of/],
  ]) {
    await worker.ask("pollute", { members });
    await assert.rejects(start(options), complaint);
  }
  await worker.ask("pollute", { members: [["batchId", "done"]] });
  await assert.rejects(worker.call("nudge", {}), /batchId must be/);
  // A key on all objects is none of the Worker's.
  await worker.ask("pollute", { members: [["EXTRACTA_API_KEY", "stolen"], ["token", "stolen"], ["EXTRACTA_BASE_URL", ELSEWHERE]] });
  const [id] = await start({ deliver: target }, "PLAIN");
  const isFaulty = async () => (await worker.ask("call", { namespace: "PLAIN", method: "status", args: [id] })).fault ?? "";
  const begun = Date.now();
  while (!/did not accept the key|no secret EXTRACTA_API_KEY/.test(await isFaulty())) {
    assert.ok(Date.now() < begun + 30_000, "the missing key is reported");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.deepEqual(receiver.arrived, []);
});

test("a shared lane reads only its caller's own members", async (t) => {
  const worker = await startWorker(t, settings());
  const lane = (method, request) => worker.ask("call", { namespace: "LANE", method, args: [request] });
  await worker.ask("pollute", { members: [["lane", "l"], ["member", "m"], ["gapMs", 100], ["closedForMs", 100]] });
  await assert.rejects(lane("reserve", {}), /lane must be/);
  await assert.rejects(lane("reserve", { lane: "l", member: "m" }), /gapMs must be/);
  await assert.rejects(lane("hold", { lane: "l" }), /closedForMs must be/);
  assert.equal(await lane("reserve", { lane: "l", member: "m", gapMs: 60_000 }), 0);
  assert.ok((await lane("reserve", { lane: "l", member: "n", gapMs: 60_000 })) > 1_000);
});
