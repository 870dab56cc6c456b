// Ten thousand polls, ended in every way at random moments, leave nothing behind: later rounds end where earlier ones did.
import assert from "node:assert/strict";
import { test } from "node:test";
import { abortListeners, heapBytes, pendingTimers, wasmBytes } from "../left-behind.mjs";
import { below, oneOf, seeded } from "../seeded.mjs";
import { answering, extraction, finished, NOWHERE, oneTurn } from "../standin.mjs";

const { ExtractaClient, isExtractaError } = await import("extracta-wasm");

const POLLS = 10_000;
const AT_ONCE = 500;
const SEED = 20_260_101;

/** So many lanes: few polls wait for one another. */
const LANES = 80;
/** Less than the smallest thing that could be left behind by every poll. */
const BYTES_A_POLL = 60;

const ENOUGH = new Error("enough");

/** Answers at random: not yet, finished, a failure of some kind, or, until it is aborted, not at all. */
function fetchAtRandom(random) {
  const answers = [
    () => Response.json({ status: "waiting" }),
    () => Response.json(finished({})),
    () => Response.json(finished({})),
    () => Response.json({ error: "down" }, { status: 503 }),
    () => new Response("<p>no JSON"),
    () => new TypeError("failed"),
  ];
  return (_url, { signal }) =>
    new Promise((resolve, reject) => {
      const answer = oneOf(answers, random)();
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      if (random() < 0.02) return;
      setImmediate(() => (answer instanceof Error ? reject(answer) : resolve(answer)));
    });
}

/** Made out here: a function made beside the client holds all that is in that scope, and the client with it. */
function giving(token) {
  return async () => token;
}

/** One poll, in one of the ways there are, aborted after a few turns or left to its end. */
async function pollAtRandom(index, random, longLived) {
  const token = `leaks-${index % LANES}`;
  const client = new ExtractaClient({
    baseUrl: NOWHERE,
    token: random() < 0.5 ? token : giving(token),
    minIntervalMs: 0,
    requestTimeoutMs: 10,
    fetch: fetchAtRandom(random),
  });
  const controller = new AbortController();
  const own = random() < 0.5;
  const options = { signal: own ? controller.signal : longLived, maxRetries: below(3, random), onProgress: () => {} };
  const watched = random() < 0.3;
  const watch = watched ? client.watch(extraction("b"), options) : undefined;
  const read = watched && random() < 0.5 ? readAll(watch) : undefined;
  const result = watch?.result ?? client.pollUntilDone(extraction("b"), options);
  const ends = { abort: () => controller.abort(ENOUGH), cancel: () => watch?.cancel(ENOUGH), close: () => client.close(), none() {} };
  const end = oneOf(Object.keys(ends), random);
  const turns = below(6, random);
  const ended = Promise.allSettled([result, read]);
  for (let turn = 0; turn < turns; turn += 1) await oneTurn();
  ends[end]();
  const [{ status, reason }] = await ended;
  if (status === "rejected" && reason !== ENOUGH) assert.ok(isExtractaError(reason), String(reason));
  assert.equal(abortListeners(controller.signal), 0);
}

async function readAll(watch) {
  for await (const _ of watch);
}

async function round(random, longLived) {
  for (let started = 0; started < POLLS; started += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => pollAtRandom(index, random, longLived)));
  }
  // Requests that were given up end a moment after their poll.
  await oneTurn();
  return { listeners: abortListeners(longLived), timers: pendingTimers(), ...(await memory()) };
}

async function memory() {
  const heap = await heapBytes();
  return { heap, wasm: wasmBytes() };
}

test(`rounds of ${POLLS} polls, seed ${SEED}`, async () => {
  const random = seeded(SEED);
  const { signal } = new AbortController();
  const timers = pendingTimers();
  // The heap swings by more than a round could leave behind: the lower of two rounds is compared with that of the next two.
  const lower = async () => {
    const rounds = [await round(random, signal), await round(random, signal)];
    for (const { listeners, timers: left } of rounds) {
      assert.equal(listeners, 0, "listeners on the signal that all polls shared");
      assert.equal(left, timers, "timers");
    }
    return Object.fromEntries(["wasm", "heap"].map((what) => [what, Math.min(...rounds.map((bytes) => bytes[what]))]));
  };
  await round(random, signal);
  assertNoGrowth(await lower(), await lower(), 2 * POLLS);
});

function assertNoGrowth(before, after, polls) {
  for (const what of ["wasm", "heap"]) {
    const bytes = after[what] - before[what];
    assert.ok(bytes / polls < BYTES_A_POLL, `${what}: ${bytes} bytes more, ${bytes / polls} a poll`);
  }
}

const never = (_url, { signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
const forever = async () => Response.json({ status: "waiting" });
const client = (index, fetch, options) => new ExtractaClient({ baseUrl: NOWHERE, token: `leaks-${index % LANES}`, minIntervalMs: 0, fetch, ...options });

/** What happens often and must hold on to nothing afterwards. */
const HABITS = {
  async "a watch that is cancelled without a reason"(index) {
    const watch = client(index, never).watch(extraction("b"));
    await oneTurn();
    watch.cancel();
    await watch.result.catch(() => {});
  },
  async "a watch whose loop is left"(index) {
    const watch = client(index, forever).watch(extraction("b"), { intervalMs: 60_000 });
    for await (const _ of watch) break;
    await watch.result.catch(() => {});
  },
  async "a watch that is cancelled by an object that holds it, with an error"(index) {
    const owner = {
      watch: client(index, never).watch(extraction("b")),
      stop() {
        this.watch.cancel(new Error("enough"));
      },
    };
    await oneTurn();
    owner.stop();
    await owner.watch.result.catch(() => {});
  },
  // What the wasm holds no garbage collector looks through: that is what close() is for.
  async "a client whose functions know it, once it is closed"(index) {
    const known = client(index, answering(finished), { token: () => (known ? `leaks-${index % LANES}` : "") });
    await known.pollUntilDone(extraction("b"));
    known.close();
  },
};

/** Whoever polls on behalf of somebody, as durable polls do: what the client calls leads to the watch. */
class Owner {
  constructor(index) {
    this.document = "x".repeat(1_000);
    this.client = client(index, (...all) => this.send(...all), { token: () => this.token(index), onEvent: () => this.hear() });
    this.watch = this.client.watch(extraction("b"));
  }

  send(...all) {
    return answering(finished)(...all);
  }

  token(index) {
    return `leaks-${index % LANES}`;
  }

  hear() {
    this.received = true;
  }
}

Object.assign(HABITS, {
  async "a watch whose client's functions lead to it, once it has ended and the client is closed"(index) {
    const owner = new Owner(index);
    await owner.watch.result;
    owner.client.close();
  },
  async "a watch whose client's functions lead to it, ended by closing the client"(index) {
    const owner = new Owner(index);
    owner.client.close();
    await owner.watch.result.catch(() => {});
  },
});

for (const [habit, once] of Object.entries(HABITS)) {
  test(`${habit} leaves nothing behind`, async () => {
    // So many that what the heap swings by, some 250 KB, is little for each.
    const times = 3_000;
    const round = async () => {
      for (let started = 0; started < times; started += 50) {
        await Promise.all(Array.from({ length: 50 }, (_, index) => once(index)));
        // On a busy machine finalizers come late, and what waits for them is not what is looked for.
        if (started % 300 === 0) await heapBytes();
      }
      return memory();
    };
    // The heap swings by more than a round could leave behind: the lowest of three rounds is compared with that of the next
    // three.
    const lowest = async () => {
      const rounds = [await round(), await round(), await round()];
      return Object.fromEntries(["wasm", "heap"].map((what) => [what, Math.min(...rounds.map((bytes) => bytes[what]))]));
    };
    await round();
    assertNoGrowth(await lowest(), await lowest(), 3 * times);
  });
}
