// A machine that sleeps, a page that is off the network or hidden. The platform's words for it are put in here.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ExtractaClient, isExtractaError } from "extracta-wasm";
import { answering, extraction, finished, NOWHERE, oneTurn, rejection } from "./standin.mjs";

const waiting = (ids) => ({ ...ids, status: "waiting", files: [] });

/** The wall clock jumps for as long as the test runs. */
function wallClock(t) {
  const now = Date.now;
  let aheadMs = 0;
  Date.now = () => now() + aheadMs;
  t.after(() => (Date.now = now));
  return { jump: (ms) => (aheadMs += ms) };
}

/** A page as far as the client looks at one: `navigator.onLine`, and who listens to what. */
function page(t) {
  const listeners = new Set();
  const received = (event) => [...listeners].filter((listener) => listener.event === event).forEach(({ listener }) => listener());
  const target = {
    addEventListener: (event, listener) => listeners.add({ event, listener }),
    removeEventListener: (event, listener) => listeners.forEach((one) => one.event === event && one.listener === listener && listeners.delete(one)),
  };
  const state = { navigator: { onLine: true }, document: target, ...target };
  const before = Object.keys(state).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
  for (const [name, value] of Object.entries(state)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  t.after(() => before.forEach(([name, old]) => (old ? Object.defineProperty(globalThis, name, old) : delete globalThis[name])));
  return { listeners, received, navigator: state.navigator };
}

test("time slept counts towards timeoutMs, after one last poll", async (t) => {
  const clock = wallClock(t);
  const events = [];
  let requested = 0;
  const fetch = answering((ids) => (requested++, waiting(ids)));
  const client = new ExtractaClient({ baseUrl: NOWHERE, minIntervalMs: 20, fetch, onEvent: (event) => events.push(event) });
  const poll = client.pollUntilDone(extraction("b"), { timeoutMs: 3_600_000, onProgress: () => requested === 2 && clock.jump(7_200_000) });
  const error = await rejection(poll);
  assert.ok(isExtractaError(error, "POLL_TIMEOUT"));
  assert.ok(requested >= 3, "one last poll at the least");
  const wakes = events.filter(({ type }) => type === "wake");
  assert.equal(wakes.length, 1);
  assert.ok(Math.abs(wakes[0].asleepMs - 7_200_000) <= 1_000, `${wakes[0].asleepMs} ms`);
});

test("a wall clock set back changes nothing", async (t) => {
  const clock = wallClock(t);
  let requested = 0;
  const fetch = answering((ids) => (++requested === 3 ? finished(ids) : waiting(ids)));
  const client = new ExtractaClient({ baseUrl: NOWHERE, minIntervalMs: 20, fetch });
  const results = await client.pollUntilDone(extraction("b"), { onProgress: () => clock.jump(-3_600_000) });
  assert.equal(results.done, true);
});

test("off the network nothing is sent; back on it, at once", async (t) => {
  const { received, navigator, listeners } = page(t);
  let requested = 0;
  const client = new ExtractaClient({ baseUrl: NOWHERE, minIntervalMs: 0, fetch: answering((ids) => (requested++, finished(ids))) });
  navigator.onLine = false;
  const poll = client.pollUntilDone(extraction("b"));
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.equal(requested, 0);
  received("visibilitychange");
  await oneTurn();
  assert.equal(requested, 0, "still off");
  navigator.onLine = true;
  received("online");
  assert.equal((await poll).done, true);
  assert.equal(requested, 1);
  assert.equal(listeners.size, 0, "nobody is listened to once all calls have ended");
});

test("all calls of a client share their listeners, and a shown page breaks no floor", async (t) => {
  const { received, listeners } = page(t);
  const requested = [];
  const fetch = answering((ids) => (requested.push(performance.now()), requested.length > 4 ? finished(ids) : waiting(ids)));
  const client = new ExtractaClient({ baseUrl: NOWHERE, minIntervalMs: 60, fetch });
  const polls = [extraction("a"), extraction("b"), extraction("c")].map((batch) => client.pollUntilDone(batch));
  assert.equal(listeners.size, 0, "as long as nothing sleeps");
  await oneTurn();
  assert.equal(listeners.size, 4);
  const flicker = setInterval(() => received("visibilitychange"), 5);
  await Promise.all(polls);
  clearInterval(flicker);
  assert.equal(listeners.size, 0);
  requested.slice(1).forEach((at, index) => assert.ok(at - requested[index] >= 60, `${at - requested[index]} ms`));
});
