// Cloudflare Workers again: polls that one request holds and another reaches, and many requests at once in one isolate.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { expect, HUNG_MS } from "../../../xtask/expect.mjs";
import { freshApp } from "./app.mjs";
import { consumersOf } from "./consumer.mjs";
import { heldApi } from "./held-api.mjs";
import { baseUrl, newToken } from "./poll.mjs";
import { versionOf } from "./settings.mjs";
import { standin } from "./standin.mjs";
import { buildWorker, startWorker } from "./workerd.mjs";

const consumer = consumersOf("Runtimes");

// Dates before 2024-10-14 cannot work: a promise that another request resolves is handed over to the request that awaits it only
// from then on (`handle_cross_request_promise_resolution`). Before, its continuation ran in the other request.
const DATES = ["2026-11-01", "2024-11-01"];

const DAY_MS = 86_400_000;

/** Where polls are when they are reached: `waits` bring them there, `seen` says so, in events. */
const PHASES = {
  asleep: { waits: { initialDelayMs: DAY_MS, intervalMs: DAY_MS }, seen: "wait" },
  "with a request in flight": { waits: { initialDelayMs: 0, intervalMs: DAY_MS }, seen: "request" },
  "reading a body": { waits: { initialDelayMs: 0, intervalMs: DAY_MS }, seen: "response" },
};

const builds = new Map();

/** Bundled once for each date: that takes longer than any of the tests. */
function built(t, compatibilityDate) {
  const build = async () => buildWorker(t, await freshApp(t, "workers"), "crossing.js", { compatibilityDate });
  if (!builds.has(compatibilityDate)) builds.set(compatibilityDate, build());
  return builds.get(compatibilityDate);
}

/** A Worker, and an API that answers when told. */
async function crossing(t, compatibilityDate) {
  const api = await heldApi(t);
  const url = await startWorker(t, await built(t, compatibilityDate));
  const address = (requested) => `${url}?${new URLSearchParams(requested)}`;
  const get = async (requested) => {
    const response = await fetch(address(requested), { signal: AbortSignal.timeout(HUNG_MS) });
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return JSON.parse(text);
  };
  const polls = (token, requested) => ({ token, baseUrl: api.url, polls: 1, initialDelayMs: 0, intervalMs: 2_000, ...requested });
  const events = (token) => get({ token, say: "events" });
  return {
    api,
    address: (token, requested) => address(polls(token, requested)),
    /** A request that holds polls: how each ends. */
    hold: (token, requested) => get(polls(token, requested)),
    /** Another request, which wants something of them. */
    say: async (token, what) => assert.equal(await get({ token, say: what }), "said"),
    /** Waits until the polls of a token are where a phase has them: the first of them, where only one can be. */
    async reached(token, phase, count = 1) {
      if (phase.seen !== "wait") await api.request(token, 1);
      if (phase.seen === "response") (await api.request(token, 1)).beginAnswer();
      const times = phase.seen === "wait" ? count : 1;
      const seen = async () => (await events(token).catch(() => [])).filter((type) => type === phase.seen).length;
      await expect.poll(seen, { message: phase.seen, intervals: [20] }).toBeGreaterThanOrEqual(times);
    },
  };
}

const nudges = (compatibilityDate, phase) => async (t) => {
  const [worker, token] = [await crossing(t, compatibilityDate), newToken()];
  const ends = worker.hold(token, phase.waits);
  await worker.reached(token, phase);
  await worker.say(token, "nudge");
  // It would come a day later.
  if (phase.seen !== "wait") (await worker.api.request(token, 1)).answer("waiting");
  (await worker.api.request(token, phase.seen === "wait" ? 1 : 2)).answer("done");
  assert.deepEqual(await ends, ["done"]);
};

const cancels = (compatibilityDate, phase) => async (t) => {
  const [worker, token] = [await crossing(t, compatibilityDate), newToken()];
  const ends = worker.hold(token, phase.waits);
  await worker.reached(token, phase);
  await worker.say(token, "cancel");
  assert.deepEqual(await ends, ["AbortError"]);
  if (phase.seen !== "wait") await (await worker.api.request(token, 1)).givenUp();
  // Its client and its lane are there for others.
  const before = worker.api.count(token);
  const next = worker.hold(token);
  (await worker.api.request(token, before + 1)).answer("done");
  assert.deepEqual(await next, ["done"]);
};

const closes = (compatibilityDate, phase) => async (t) => {
  const [worker, token] = [await crossing(t, compatibilityDate), newToken()];
  const ends = worker.hold(token, { polls: 5, ...phase.waits });
  await worker.reached(token, phase, 5);
  await worker.say(token, "close");
  assert.deepEqual(await ends, Array(5).fill("CLOSED"));
  if (phase.seen !== "wait") await (await worker.api.request(token, 1)).givenUp();
  assert.equal(worker.api.count(token), phase.seen === "wait" ? 0 : 1);
};

/** A reset: workerd lets a request go on whose connection is closed in good order. */
const isCutOff = (compatibilityDate, phase) => async (t) => {
  const worker = await crossing(t, compatibilityDate);
  const { api } = worker;
  const [cut, inFlight, asleep, later] = Array.from({ length: 4 }, newToken);
  const canary = newToken();
  const { port, pathname, search } = new URL(worker.address(cut, { ...phase.waits, canary: `${api.url}/${canary}` }));
  const socket = connect(Number(port), "127.0.0.1").on("error", () => {});
  socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  const others = [worker.hold(inFlight), worker.hold(asleep)];
  await worker.reached(cut, phase);
  await api.request(inFlight, 1);
  (await api.request(asleep, 1)).answer("waiting");
  await worker.reached(asleep, PHASES.asleep);

  socket.resetAndDestroy();
  await (await api.request(canary, 1)).givenUp();
  const requested = api.count(cut);
  if (requested > 0) await (await api.request(cut, 1)).givenUp();
  for (const what of ["nudge", "cancel", "close"]) await worker.say(cut, what);
  others.push(worker.hold(later));
  (await api.request(inFlight, 1)).answer("waiting");
  (await api.request(later, 1)).answer("waiting");
  for (const token of [asleep, inFlight, later]) (await api.request(token, 2)).answer("done");
  assert.deepEqual(await Promise.all(others), [["done"], ["done"], ["done"]]);
  assert.equal(api.count(cut), requested, "a request of the poll that was cut off");
};

const answersMany = (compatibilityDate) => async (t) => {
  const worker = await crossing(t, compatibilityDate);
  const tokens = Array.from({ length: 100 }, newToken);
  const ends = await Promise.all(tokens.map((token) => worker.hold(token, { baseUrl, batchId: "waits-1" })));
  assert.deepEqual(ends, Array(100).fill(["done"]));
  for (const token of tokens) {
    const gaps = await (await fetch(`${standin}/_standin/gaps?token=${token}`)).json();
    assert.deepEqual([gaps["/getBatchResults"].count, gaps["/getBatchResults"].violations], [2, 0]);
  }
};

const modes = {};
for (const date of DATES) {
  for (const [name, phase] of Object.entries(PHASES)) {
    modes[`nudge, ${name}, ${date}`] = nudges(date, phase);
    modes[`cancel, ${name}, ${date}`] = cancels(date, phase);
    modes[`close of five, ${name}, ${date}`] = closes(date, phase);
    modes[`cut off, ${name}, ${date}`] = isCutOff(date, phase);
  }
  modes[`100 at once, ${date}`] = answersMany(date);
}
const works = `polls that one request holds and another reaches, ${DATES.join(" and ")}`;
consumer("workerd, bundled by wrangler", () => `${versionOf("workerd")}, wrangler ${versionOf("wrangler")}`, modes, works);
