// Hours in minutes: durable polls in workerd, beset with receivers that die, keys that are wrong, clocks that are set, kills,
// forged callbacks and callers with bad arguments, all drawn from a seed. `cargo xtask soak --worker` runs it for as long as one
// likes, the suite for a short while.
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { newToken } from "../consumers/runner/poll.mjs";
import { below, oneOf, seeded } from "../node-package/seeded.mjs";
import { receive } from "./receiver.mjs";
import { settings } from "./settings.mjs";
import { assertSpaced, requestsOf } from "./standin.mjs";
import { startWorker } from "./worker.mjs";

/** How many polls are alive at any time, more or less. */
const ALIVE = 150;
/** What is left of the time after this part of it is for those under way to come to their end. */
const STARTING = 0.7;
/** The process is killed in this part of the time only, so that its memory can be compared afterwards. */
const KILLING = 0.3;

/** So often the memory is looked at. */
const LOOKS = 40;

/** What the heap may have more at the end than at the beginning: what as many polls as may be alive hold, and their documents. */
const SWINGS_BY = 1_500_000;
/** The wasm's memory only ever grows: to what the most polls at a time took of it. */
const MOST_WASM = 4_000_000;

const YEAR_MS = 365 * 86_400_000;

/** Batches that end well, however they begin, and those that end with an error. */
const GOOD = ["done", "mixed", "with-failure", "http-503-then-done", "reset-then-done", "html-502-then-done", "empty-object-then-done"];
const BAD = ["http-404", "http-400", "http-403", "error-style-error", "says-404-anything"];

/** Runs for about so many seconds and gives what it counted; throws where a batch was lost, the floor broken or an answer 500. */
export async function soak(t, { seconds, seed, log = () => {} }) {
  const random = seeded(seed);
  const token = newToken();
  const dying = { isDead: false, how: () => ({ status: 500 }) };
  const receivers = {
    healthy: await receive(t),
    dying: await receive(t, () => (dying.isDead ? dying.how() : {})),
  };
  // The stand-in counts the polls of a batchId: those that wait have one of their own.
  let waits = below(40_000, random);
  const worker = await startWorker(t, settings({ token, isKilled: true, polls: { workMs: 2_000, deliveryTimeoutMs: 500, retryMs: 100, keepMs: 5_000 } }));
  const counts = { started: 0, done: 0, failed: 0, cancelled: 0, kills: 0, refused: 0, forged: 0, clocks: 0, keys: 0, deaths: 0 };
  const open = new Map();
  const begun = performance.now();
  const part = () => (performance.now() - begun) / (1_000 * seconds);
  const memory = [];
  let lookedAt = 0;

  /** A call that may be cut off by a kill: it is repeated, as whoever is unsure whether it arrived may. */
  const call = async (method, ...args) => {
    for (;;) {
      try {
        return await worker.call(method, ...args);
      } catch (error) {
        if (!/fetch failed|terminated|other side closed/.test(`${error.message} ${error.cause?.message}`)) throw error;
        await setTimeout(100);
      }
    }
  };
  const to = (name) => ({ deliver: { callback: receivers[name].url, secret: "CALLBACK_SECRET" } });

  const DEEDS = {
    start: async () => {
      const isBad = random() < 0.1;
      const batchId = isBad ? oneOf(BAD, random) : random() < 0.3 ? `flaky-${(waits += 1)}` : oneOf(GOOD, random);
      const batch = { id: `s-${counts.started++}`, extractionId: `soak-${counts.started}`, batchId };
      open.set(batch.id, isBad ? "failed" : "done");
      const target = random() < 0.5 ? to("healthy") : random() < 0.8 ? to("dying") : { deliver: { bucket: "BUCKET" } };
      await call("start", batch, target);
      if (random() < 0.1) await call("start", batch, target);
      if (random() < 0.1) await call("nudge", batch);
      if (random() > 0.03) return;
      await call("cancel", batch.id);
      open.set(batch.id, "cancelled");
    },
    "a receiver dies": async () => {
      counts.deaths += 1;
      dying.how = oneOf([() => ({ status: 500 }), () => new Promise(() => {}), () => ({ status: 302, location: "https://elsewhere.example/" })], random);
      dying.isDead = true;
      await setTimeout(500 + below(4_000, random));
      dying.isDead = false;
    },
    "a key is wrong": async () => {
      counts.keys += 1;
      await call("setKey", oneOf(["missing", "malformed", "malformed when asked for", "refused", "none to be had"], random));
      await setTimeout(200 + below(3_000, random));
      await call("setKey", "right");
    },
    "the clock is set": async () => {
      counts.clocks += 1;
      await call("clockAhead", oneOf([YEAR_MS, 3_600_000, 5_000], random), 200 + below(1_300, random));
    },
    kill: async () => {
      if (part() > KILLING) return;
      counts.kills += 1;
      await worker.kill();
      await worker.start();
    },
    "bad arguments": async () => {
      counts.refused += 1;
      const [method, ...args] = oneOf([
        ["start", null, to("healthy")], ["start", { extractionId: "e", batchId: "b" }, {}], ["start", { extractionId: "e", batchId: "b" }, { ...to("healthy"), deliverWithinMs: 1e300 }],
        ["start", { extractionId: "e", batchId: "b" }, { deliver: { queue: "toString" } }], ["client"], ["deliver", {}, {}, {}], ["list", { limit: -1 }], ["status", {}], ["cancel", 5], ["nudge", null],
      ], random);
      await assert.rejects(call(method, ...args), /TypeError|ExtractaError/, method);
    },
    "a forged callback": async () => {
      counts.forged += 1;
      const signature = `v1,${"A".repeat(43)}=`;
      const headers = { "webhook-id": "i", "webhook-timestamp": String(Math.floor(Date.now() / 1_000)), "webhook-signature": Array(below(50, random)).fill(signature).join(" ") || "none" };
      const secret = settings().CALLBACK_SECRET;
      const body = `[${"{},".repeat(below(200_000, random))}{}]`;
      let reported;
      try {
        reported = await worker.ask("verify", { headers, body, secret });
      } catch (error) {
        if (!/fetch failed|terminated|other side closed/.test(`${error.message} ${error.cause?.message}`)) throw error;
        reported = null;
      }
      assert.equal(reported, null);
    },
  };
  const SHORT = ["bad arguments", "a forged callback"];
  // These go on beside all else, one of a kind at a time.
  const LONG = ["a receiver dies", "a key is wrong", "the clock is set", "kill"];
  const goingOn = new Map();
  const failures = [];

  while (part() < STARTING) {
    if (failures.length > 0) throw failures[0];
    for (let many = below(4, random); many > 0 && open.size < ALIVE; many -= 1) await DEEDS.start();
    if (random() < 0.3) await DEEDS[oneOf(SHORT, random)]();
    const deed = oneOf(LONG, random);
    // Not two of them at once that need the object's memory: a kill forgets what the key is, and the clock is the isolate's.
    const inTheWay = [...goingOn.keys()].some((other) => other === deed || ![deed, other].includes("a receiver dies"));
    if (random() < 0.1 && !inTheWay) goingOn.set(deed, DEEDS[deed]().catch((error) => failures.push(error)).finally(() => goingOn.delete(deed)));
    await setTimeout(below(40, random));
    await settle();
    // The last kill is over by then.
    if (part() <= KILLING || goingOn.has("kill") || part() < lookedAt + 1 / LOOKS) continue;
    lookedAt = part();
    memory.push(await worker.memory());
    const { heap, wasm } = memory.at(-1);
    log(`${Math.round(100 * part())} %: ${counts.started} started, ${open.size} open, heap ${heap}, wasm ${wasm}`);
  }
  await Promise.all(goingOn.values());
  if (failures.length > 0) throw failures[0];
  dying.isDead = false;
  log(`Waiting for the ${open.size} that are open.`);
  for (let [before, asleep] = [open.size, 0]; open.size > 0; before = open.size) {
    await setTimeout(200);
    await settle(true);
    // With polls to go on with it sleeps for a moment only: no longer than a key is waited for.
    asleep = open.size < before || (await call("sleepsFor")) < 40_000 ? 0 : asleep + 1;
    if (asleep > 50) throw new Error(`${open.size} are open, and the object sleeps for ${await call("sleepsFor")} ms`);
  }

  /** Forgets those that ended, each as it should. */
  async function settle(isAll = false) {
    const ids = [...open.keys()];
    for (const id of isAll ? ids : ids.slice(0, 10)) {
      const status = await call("status", id);
      // What became of it is known for a while only; that it was delivered the receiver knows for longer.
      if (status !== null && status.settledAt === undefined) {
        open.set(id, take(id));
        continue;
      }
      const wanted = take(id);
      const was = receivers.healthy.ids().has(id) || receivers.dying.ids().has(id) || (await worker.ask("object", { key: id }).catch(() => null)) !== null;
      if (wanted !== "cancelled") assert.ok(was, `${id} was lost: ${JSON.stringify(status)}`);
      if (status !== null) assert.deepEqual([status.state, status.outcome ?? null], wanted === "cancelled" ? [status.state, status.outcome ?? null] : ["delivered", wanted], JSON.stringify(status));
      counts[wanted] += 1;
    }
  }
  // Takes it from its place in line, to go to the end of it.
  function take(id) {
    const wanted = open.get(id);
    open.delete(id);
    return wanted;
  }

  assert.deepEqual(await call("list", { state: "undelivered" }), []);
  const requests = await assertSpaced(token);
  assert.equal(requests, (await requestsOf(token)).length);
  // Memory is flat: as the numbers of polls swing, by the least of each third. At the end, when nothing is open, it is no more.
  memory.push(await worker.memory());
  const third = Math.floor(memory.length / 3);
  const least = (what, looks) => Math.min(...looks.map((look) => look[what]));
  const figures = Object.fromEntries(["heap", "wasm"].map((what) => [what, [least(what, memory.slice(0, third)), least(what, memory.slice(-third)), memory.at(-1)[what]]]));
  const [first, last, end] = figures.heap;
  assert.ok(Math.max(last, end) <= first + SWINGS_BY, `the heap: ${first} bytes, then ${last}, and ${end} with nothing open`);
  assert.ok(figures.wasm.at(-1) <= MOST_WASM, `the wasm's memory: ${figures.wasm.at(-1)} bytes`);
  return { ...counts, requests, requestsABatch: requests / counts.started, ...figures };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [seconds, seed] = process.argv.slice(2).map(Number);
  const cleanups = [];
  const t = { after: (cleanup) => cleanups.unshift(cleanup) };
  try {
    console.log(await soak(t, { seconds, seed, log: console.log }));
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  }
  for (const cleanup of cleanups) await cleanup();
  process.exit();
}
