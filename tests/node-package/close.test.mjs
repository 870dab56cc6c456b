// `close()` in the middle of everything: what is under way ends with CLOSED, or as it would have, and nothing traps.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { ExtractaClient } from "extracta-wasm";
import { answering, extraction, finished } from "./standin.mjs";
import { assertNextClientWorks, endOf, inProcess } from "./survival.mjs";

const waiting = answering(() => ({ status: "waiting" }));
const LONG_MS = 60_000;

/** When `close` is called: makes a client whose poll is about to meet that moment, and starts it. */
const MOMENTS = {
  "at once": (close) => {
    const client = new ExtractaClient(inProcess());
    const call = client.pollUntilDone(extraction("b"));
    close(client);
    return call;
  },
  "in the token function": (close) => polling(close, (at) => ({ token: () => (at(), "t") })),
  "while the token is awaited": (close) => polling(close, (at) => ({ token: () => (setImmediate(at), new Promise(() => {})) })),
  "in onEvent": (close) => polling(close, (at) => ({ onEvent: at })),
  "in fetch": (close) => polling(close, (at) => ({ fetch: async () => (at(), Response.json(finished({}))) })),
  "in a fetch that throws": (close) =>
    polling(close, (at) => ({
      fetch() {
        at();
        throw new TypeError("failed");
      },
    })),
  "while the answer is awaited": (close) => polling(close, (at) => ({ fetch: () => (setImmediate(at), new Promise(() => {})) })),
  "in json()": (close) => polling(close, (at) => ({ fetch: async () => ({ status: 200, headers: new Headers(), json: async () => (at(), finished({})) }) })),
  "while the body is awaited": (close) =>
    polling(close, (at) => ({ fetch: async () => ({ status: 200, headers: new Headers(), json: () => (setImmediate(at), new Promise(() => {})) }) })),
  "in the getter of files": (close) =>
    polling(close, (at) => ({ fetch: async () => ({ status: 200, headers: new Headers(), json: async () => ({ get files() { return at(), []; } }) }) })),
  "in onProgress": (close) => polling(close, (at) => ({ fetch: waiting, onProgress: at })),
  "in onProgress of the last answer": (close) => polling(close, (at) => ({ onProgress: at })),
  "while it sleeps": (close) => polling(close, (at) => ({ fetch: waiting, onProgress: () => setImmediate(at), intervalMs: LONG_MS })),
  "while it waits for its turn": (close) => {
    const client = new ExtractaClient(inProcess(() => new Promise(() => {})));
    const first = client.getBatchResults(extraction("a"));
    const second = client.getBatchResults(extraction("b"));
    setImmediate(() => close(client));
    return Promise.all([first, second]);
  },
  "in the abort of its signal": (close) => {
    const controller = new AbortController();
    const client = new ExtractaClient(inProcess(waiting));
    controller.signal.addEventListener("abort", () => close(client));
    const call = client.pollUntilDone(extraction("b"), { signal: controller.signal, intervalMs: LONG_MS });
    setImmediate(() => controller.abort("enough"));
    return call;
  },
};

/** A poll with options that call `close` themselves. */
function polling(close, options) {
  let client;
  const { onProgress, intervalMs, ...more } = options(() => close(client));
  client = new ExtractaClient({ ...inProcess(), ...more });
  return client.pollUntilDone(extraction("b"), { onProgress, intervalMs });
}

const WAYS = {
  "close()": (client) => client.close(),
  "close() twice": (client) => (client.close(), client.close()),
  "Symbol.dispose": (client) => client[Symbol.dispose ?? Symbol.for("Symbol.dispose")]?.() ?? client.close(),
};

for (const [moment, start] of Object.entries(MOMENTS)) {
  for (const [way, close] of Object.entries(WAYS)) {
    test(`${way} ${moment}`, async () => {
      const end = await endOf(() => start(close));
      const allowed = ["CLOSED", "done", ...(moment.includes("signal") ? ["enough"] : [])];
      assert.ok(allowed.includes(end?.thrown ?? end), `it ended with ${inspect(end)}`);
      await assertNextClientWorks();
    });
  }
}

test("every method of a closed client says so, and says nothing else", async () => {
  const client = new ExtractaClient(inProcess());
  client.close();
  for (const method of ["pollUntilDone", "getBatchResults", "getClassificationResults"]) {
    assert.equal(await endOf(() => client[method](extraction("b"))), "CLOSED", method);
  }
  assert.throws(() => client.watch(extraction("b")), { code: "CLOSED" });
  assert.doesNotThrow(() => client.close());
});

test("closing a client with 100 calls in every state ends them all", async () => {
  const client = new ExtractaClient(inProcess(waiting));
  const calls = Array.from({ length: 100 }, (_, index) => client.pollUntilDone(extraction(`b${index}`), { intervalMs: index }));
  const ends = calls.map((call) => endOf(() => call));
  await new Promise((resolve) => setTimeout(resolve, 50));
  client.close();
  assert.deepEqual([...new Set(await Promise.all(ends))], ["CLOSED"]);
  await assertNextClientWorks();
});

test("a watch that is closed ends for its reader as well", async () => {
  const client = new ExtractaClient(inProcess(waiting));
  const watch = client.watch(extraction("b"), { intervalMs: LONG_MS });
  const read = async () => {
    for await (const { results } of watch) {
      assert.equal(results.done, false);
      client.close();
    }
  };
  assert.equal(await endOf(read), "CLOSED");
  assert.equal(await endOf(() => watch.result), "CLOSED");
});
