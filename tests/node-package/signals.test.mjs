// One signal for many calls: it has one listener, so that Node has nothing to warn of, and none once they have ended.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { ExtractaClient } from "extracta-wasm";
import { runNode } from "./child.mjs";
import { answering, extraction, finished, newToken, NOWHERE, oneTurn, rejection } from "./standin.mjs";

const listeners = (signal) => getEventListeners(signal, "abort").length;
const never = (_url, { signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
const inProcess = (fetch) => new ExtractaClient({ baseUrl: NOWHERE, token: newToken(), minIntervalMs: 0, fetch });

/** Every kind of call that takes a signal, of several clients. */
function everyCall(signal, fetch) {
  return [1, 2, 3].flatMap((number) => {
    const client = inProcess(fetch);
    const batch = (name) => extraction(`${name}-${number}`);
    const many = async () => {
      for await (const { error } of client.pollMany([batch("many"), batch("others")], { signal })) if (error) throw error;
    };
    return [
      client.getBatchResults(batch("single"), { signal }),
      client.pollUntilDone(batch("poll"), { signal }),
      client.watch(batch("watch"), { signal }).result,
      many(),
    ];
  });
}

test("calls of every kind and of several clients share one listener, and the last of them takes it off", async () => {
  const { signal } = new AbortController();
  const calls = everyCall(signal, answering(finished));
  await oneTurn();
  assert.equal(listeners(signal), 1);
  await Promise.all(calls);
  assert.equal(listeners(signal), 0);
});

test("an abort reaches all of them, with its reason", async () => {
  const controller = new AbortController();
  const calls = everyCall(controller.signal, never);
  await oneTurn();
  assert.equal(listeners(controller.signal), 1);
  const reason = new Error("enough");
  controller.abort(reason);
  for (const call of calls) assert.equal(await rejection(call), reason);
  assert.equal(listeners(controller.signal), 0);
});

test("calls that end one by one leave the others their listener", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const client = inProcess(never);
  const watches = Array.from({ length: 20 }, (_, index) => client.watch(extraction(`b${index}`), { signal }));
  for (const watch of watches.slice(0, 19)) {
    watch.cancel(new Error("this one"));
    await rejection(watch.result);
    assert.equal(listeners(signal), 1);
  }
  controller.abort("enough");
  assert.equal(await rejection(watches.at(-1).result), "enough");
  assert.equal(listeners(signal), 0);
});

test("each of many signals ends its own calls only", async () => {
  const client = inProcess(never);
  const controllers = Array.from({ length: 30 }, () => new AbortController());
  const polls = controllers.map(({ signal }, index) => client.pollUntilDone(extraction(`b${index}`), { signal }));
  await oneTurn();
  const order = controllers.map((_, index) => (7 * index) % 30);
  for (const index of order) {
    controllers[index].abort(index);
    assert.equal(await rejection(polls[index]), index);
  }
  assert.ok(controllers.every(({ signal }) => listeners(signal) === 0));
});

test("a listener of ours may begin and end calls of the same signal while they are called", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  let later;
  const client = new ExtractaClient({
    baseUrl: NOWHERE,
    token: newToken(),
    fetch: never,
    onEvent({ type }) {
      if (type === "settled" && !later) later = client.watch(extraction("later"), { signal }).result;
    },
  });
  const polls = [1, 2, 3].map((number) => client.pollUntilDone(extraction(`b${number}`), { signal }));
  await oneTurn();
  controller.abort("enough");
  for (const poll of [...polls, later]) assert.equal(await rejection(poll), "enough");
  assert.equal(listeners(signal), 0);
});

test("a signal that calls its listeners at once, or takes none, ends its calls or leaves them alone", async () => {
  const base = { aborted: false, reason: "at once", removeEventListener() {} };
  const tells = { ...base, addEventListener: (_, listener) => listener() };
  assert.equal(await rejection(inProcess(never).pollUntilDone(extraction("b"), { signal: tells })), "at once");
  const refuses = { ...base, addEventListener() { throw new Error("no"); } };
  assert.equal((await inProcess(answering(finished)).pollUntilDone(extraction("b"), { signal: refuses })).done, true);
});

test("a process with 30 polls of one signal prints no warning", async () => {
  const script = (calls) => `
    import { setMaxListeners } from "node:events";
    import { ExtractaClient } from "extracta-wasm";
    const { signal } = new AbortController();
    setMaxListeners(10, signal); // What Node 20 warns above; later ones do not by themselves.
    let polls = 0;
    const fetch = async () => Response.json(polls++ < 60 ? { status: "waiting" } : { files: [{ status: "processed" }] });
    const client = new ExtractaClient({ baseUrl: "${NOWHERE}", minIntervalMs: 0, fetch });
    ${calls}
    console.log("done");
  `;
  const polls = script(`
    const batches = Array.from({ length: 30 }, (_, index) => ({ extractionId: "e", batchId: String(index) }));
    await Promise.all(batches.map((batch) => client.pollUntilDone(batch, { signal })));
  `);
  assert.deepEqual(await runNode(polls), { code: 0, stdout: "done", stderr: "" });
  // That there is a warning to be seen.
  const { stderr } = await runNode(script(`for (let n = 0; n < 11; n++) signal.addEventListener("abort", () => {});`));
  assert.match(stderr, /MaxListenersExceededWarning/);
});
