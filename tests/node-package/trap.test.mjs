// Should the wasm ever trap: whatever waits for it gets an error, nothing surfaces elsewhere, and the next client works.
import { breakWasm, instancesMade } from "./broken.mjs";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { test } from "node:test";
import { runNode } from "./child.mjs";
import { answering, classification, extraction, finished, newToken, NOWHERE, oneTurn, rejection } from "./standin.mjs";

const require = createRequire(import.meta.url);
const wasm = await readFile(require.resolve("extracta-wasm/extracta_wasm.wasm"));
const slim = await import("extracta-wasm/slim");
await slim.init(wasm);
const slimRequired = require("extracta-wasm/slim");
await slimRequired.init(new Response(wasm, { headers: { "content-type": "application/wasm" } }));
const ENTRIES = {
  imported: await import("extracta-wasm"),
  required: require("extracta-wasm"),
  "slim imported": slim,
  "slim required": slimRequired,
};
const { ExtractaClient } = ENTRIES.imported;

const waiting = answering(() => ({ status: "waiting" }));
const SOON_MS = 100;
/** Longer than a test takes. Not much: nobody clears the timer of an instance that has stopped. */
const LONG_MS = 1_000;

function options(more) {
  return { baseUrl: NOWHERE, token: newToken(), minIntervalMs: 0, requestTimeoutMs: LONG_MS, fetch: waiting, ...more };
}

function assertFault(error, { isExtractaError } = ENTRIES.imported) {
  assert.ok(isExtractaError(error, "CLOSED"), error?.stack);
  assert.match(error.message, /fault of its own/);
  assert.equal(error.retryable, false);
  assert.ok(error.cause instanceof Error, "it says what happened");
}

async function assertNextWorks(Client = ExtractaClient) {
  const { done } = await new Client(options({ fetch: answering(finished) })).pollUntilDone(extraction("b"));
  assert.equal(done, true);
}

async function readAll(iterable) {
  const read = [];
  for await (const one of iterable) read.push(one);
  return read;
}

/** A classification whose one file has its extraction elsewhere; that one never ends. */
const linked = answering(({ classificationId, batchId }) =>
  classificationId
    ? { classificationId, batchId, files: [{ fileId: "f", fileName: "a.pdf", status: "processed", extraction: extraction("linked") }] }
    : { status: "waiting" },
);

/** Calls that wait, each in its own way. Each gives the errors it ends with, once it has. */
const PENDING = {
  "pollUntilDone that sleeps": (client) => [rejection(client(waiting).pollUntilDone(extraction("b"), { intervalMs: SOON_MS }))],
  "pollUntilDone that waits for its answer": (client) => [rejection(client(later).pollUntilDone(extraction("b")))],
  "pollUntilDone of a body to come": (client) => [
    rejection(client(async () => ({ status: 200, headers: new Headers(), json: () => later() })).pollUntilDone(extraction("b"))),
  ],
  getBatchResults: (client) => [rejection(client(later).getBatchResults(extraction("b")))],
  getClassificationResults: (client) => [rejection(client(later).getClassificationResults(classification("b")))],
  "calls that wait for their turn": (client) => {
    const one = client(later);
    return [1, 2, 3].map((n) => rejection(one.pollUntilDone(extraction(`b${n}`))));
  },
  "a watch and its reader": (client) => {
    const watch = client(waiting).watch(extraction("b"), { intervalMs: SOON_MS });
    return [rejection(watch.result), rejection(readAll(watch))];
  },
  "a watch that nobody awaits, only reads": (client) => [rejection(readAll(client(waiting).watch(extraction("b"), { intervalMs: SOON_MS })))],
  "a poll resumed": (client) => {
    const one = client(waiting);
    const watch = one.watch(extraction("b"), { intervalMs: SOON_MS });
    const text = watch.snapshot();
    watch.cancel();
    return [rejection(watch.result).then(() => rejection(one.resume(text, { intervalMs: SOON_MS }).result))];
  },
  "extractions followed": (client) => {
    const watch = client(linked).watch(classification("b"), { followExtractions: true, intervalMs: SOON_MS });
    return [rejection(watch.result), rejection(readAll(watch))];
  },
  pollMany: (client) => [rejection(readAll(client(waiting).pollMany([extraction("b1"), extraction("b2")], { intervalMs: SOON_MS })))],
  "pollMany whose list goes on": (client) => {
    async function* jobs() {
      yield extraction("b1");
      await new Promise((resolve) => setTimeout(resolve, 5 * SOON_MS));
      yield extraction("b2");
    }
    return [rejection(readAll(client(waiting).pollMany(jobs(), { intervalMs: SOON_MS })))];
  },
};

function later() {
  return new Promise((resolve) => setTimeout(() => resolve(Response.json({ status: "waiting" })), SOON_MS));
}

/** What a client's user may do; each gives the error it throws or rejects with. */
const CALLS = {
  "new ExtractaClient": () => new ExtractaClient(options()),
  getBatchResults: (client) => client.getBatchResults(extraction("b")),
  getClassificationResults: (client) => client.getClassificationResults(classification("b")),
  pollUntilDone: (client) => client.pollUntilDone(extraction("b")),
  watch: (client) => client.watch(extraction("b")),
  resume: (client) => client.resume("{}"),
  lanes: (client) => client.lanes(),
  "pollMany, read": (client) => readAll(client.pollMany([extraction("b")])),
  "snapshot of a watch": (_, watch) => watch.snapshot(),
};

for (const [what, call] of Object.entries(CALLS)) {
  test(`a trap in ${what} is reported as an error of ours, then and again, and ends what is pending`, async () => {
    const client = new ExtractaClient(options());
    const watch = client.watch(extraction("b"), { intervalMs: LONG_MS });
    const poll = rejection(client.pollUntilDone(extraction("c"), { intervalMs: LONG_MS }));
    await oneTurn();
    breakWasm();
    assertFault(await rejection((async () => call(client, watch))()));
    for (const error of [await poll, await rejection(watch.result)]) assertFault(error);
    await assertNextWorks();
    if (what !== "new ExtractaClient") assertFault(await rejection((async () => call(client, watch))()));
    await assertNextWorks();
  });
}

test("what gives no answer is silent about a trap: close, cancel, nudge", async () => {
  for (const end of [(client) => client.close(), (_, watch) => watch.cancel(), (_, watch) => watch.nudge()]) {
    const client = new ExtractaClient(options());
    const watch = client.watch(extraction("b"), { intervalMs: LONG_MS });
    await oneTurn();
    breakWasm();
    end(client, watch);
    assertFault(await rejection(watch.result));
    end(client, watch);
    await assertNextWorks();
  }
});

test("promises of a client that has stopped are rejected, not thrown", async () => {
  const client = new ExtractaClient(options());
  breakWasm();
  for (const call of ["pollUntilDone", "getBatchResults"]) assertFault(await rejection(client[call](extraction("b"))));
  assertFault(await rejection(client.getClassificationResults(classification("b"))));
});

test("a client that was not at work when the wasm stopped is refused as well, and others are made anew", async () => {
  const [broken, idle] = [new ExtractaClient(options()), new ExtractaClient(options())];
  breakWasm();
  assertFault(await rejection(broken.pollUntilDone(extraction("b"))));
  const made = instancesMade();
  const [one, other] = [new ExtractaClient(options({ fetch: answering(finished) })), new ExtractaClient(options())];
  assert.equal(instancesMade(), made + 1, "they share one new instance");
  assertFault(await rejection(idle.pollUntilDone(extraction("b"))));
  assert.equal((await one.pollUntilDone(extraction("b"))).done, true, "the old one's end is not theirs");
  other.close();
});

test("a stack that overflows inside the wasm is a fault like a trap", async () => {
  const client = new ExtractaClient(options());
  const poll = rejection(client.pollUntilDone(extraction("b"), { intervalMs: SOON_MS }));
  await oneTurn();
  const made = instancesMade();
  const deep = () => {
    try {
      deep();
    } catch {}
    client.lanes();
  };
  try {
    deep();
  } catch {}
  const next = new ExtractaClient(options());
  // It may have met the limit before it entered the wasm, and then nothing happened.
  if (instancesMade() > made) assertFault(await poll);
  else client.close();
  next.close();
  await assertNextWorks();
});

for (const [when, act] of Object.entries({
  "and it goes on": () => {},
  "and it closes the client": (client) => client.close(),
  "and it asks the client": (client) => client.lanes(),
  "and it starts another call": (client) => void rejection(client.pollUntilDone(extraction("c"))),
})) {
  test(`a trap while a callback of the caller runs, ${when}`, async () => {
    const client = new ExtractaClient(options());
    const onProgress = () => {
      breakWasm();
      act(client);
    };
    assertFault(await rejection(client.pollUntilDone(extraction("b"), { onProgress })));
    await assertNextWorks();
  });
}

test("the floor is kept from the instance that stopped to the next", async () => {
  const floorMs = 3_000;
  const starts = [];
  const fetch = answering(() => (starts.push(performance.now()), { status: "waiting" }));
  const shared = options({ minIntervalMs: floorMs, fetch });
  const poll = rejection(new ExtractaClient(shared).pollUntilDone(extraction("b")));
  while (starts.length === 0) await oneTurn();
  await oneTurn();
  breakWasm();
  assertFault(await poll);
  await new ExtractaClient(shared).getBatchResults(extraction("b"));
  assert.equal(starts.length, 2);
  assert.ok(starts[1] - starts[0] >= floorMs, `${starts[1] - starts[0]} ms`);
});

test("a request under way when the wasm stopped holds the lane until it would have been given up, not longer", async () => {
  const [floorMs, requestTimeoutMs] = [50, 3_000];
  const starts = [];
  const fetch = () => {
    starts.push(performance.now());
    return starts.length === 1 ? new Promise(() => {}) : Promise.resolve(Response.json({ status: "waiting" }));
  };
  const shared = options({ minIntervalMs: floorMs, requestTimeoutMs, fetch });
  const client = new ExtractaClient(shared);
  const call = rejection(client.getBatchResults(extraction("b")));
  while (starts.length === 0) await oneTurn();
  breakWasm();
  client.close();
  assertFault(await call);
  await new ExtractaClient(shared).getBatchResults(extraction("b"));
  const gap = starts[1] - starts[0];
  assert.ok(gap >= requestTimeoutMs + floorMs && gap < 5 * requestTimeoutMs, `${gap} ms`);
});

// After the tests above, as what breaks is the instance made last: each entry has its own.
for (const [name, entry] of Object.entries(ENTRIES)) {
  for (const [what, start] of Object.entries(PENDING)) {
    test(`${name}: ${what} is rejected when the wasm traps in the background`, async () => {
      const pending = start((fetch) => new entry.ExtractaClient(options({ fetch })));
      await oneTurn();
      breakWasm();
      for (const error of await Promise.all(await pending)) {
        assertFault(error, entry);
        assert.ok(error.cause instanceof WebAssembly.RuntimeError, String(error.cause));
      }
      await assertNextWorks(entry.ExtractaClient);
    });
  }
}

for (const entry of ["import { ExtractaClient } from 'extracta-wasm';", "import module from 'node:module'; const { ExtractaClient } = module.createRequire(process.cwd() + '/')('extracta-wasm');"]) {
  test(`a process goes on after traps, ends by itself and has nothing to complain of: ${entry}`, async () => {
    const script = `
      import { breakWasm } from "./broken.mjs";
      ${entry}
      const batch = { extractionId: "e", batchId: "b" };
      const options = { baseUrl: "${NOWHERE}", minIntervalMs: 0, fetch: async () => Response.json({ status: "waiting" }) };
      const { signal } = new AbortController();
      for (let round = 0; round < 3; round++) {
        const client = new ExtractaClient(options);
        for (let n = 0; n < 20; n++) {
          client.pollUntilDone(batch, { intervalMs: 10 + n });
          client.watch(batch, { intervalMs: 10 + n }).nudge();
        }
        const last = client.watch(batch, { intervalMs: 10, signal });
        await new Promise((resolve) => setTimeout(resolve, 5));
        breakWasm();
        console.log(await last.result.catch(({ code }) => code));
      }
      // Finalizers of what stopped run now.
      await new Promise((resolve) => setTimeout(resolve, 50));
      for (let n = 0; n < 5; n++) {
        gc();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    `;
    const { code, stdout, stderr } = await runNode(script, { flags: ["--expose-gc"] });
    assert.deepEqual([code, stdout.split("\n"), stderr], [0, ["CLOSED", "CLOSED", "CLOSED"], ""]);
  });
}
