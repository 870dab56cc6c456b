// Hours in minutes: some 200 polls alive at any time, over both endpoints, beset with faults, outages and aborts, all drawn
// from a seed. Started by `cargo xtask soak`; ends by itself, with code 0 if nothing was lost and nobody hurried.
import { setMaxListeners } from "node:events";
import { abortListeners, pendingTimers } from "./left-behind.mjs";
import { below, oneOf, seeded } from "./seeded.mjs";
import { classification, extraction, failNext, fast, gapsOf, requestsOf } from "./standin.mjs";

const { ExtractaClient, isExtractaError } = await import("extracta-wasm");

const [seconds, seed] = process.argv.slice(2).map(Number);
const random = seeded(seed);

const ALIVE = 200;
/** What is left of the time after this part of it is for those under way to come to their end. */
const STARTING = 0.5;
const OUTAGE_EVERY_MS = 5_000;
const OUTAGE_REQUESTS = 20;
const ENOUGH = new Error("enough");

// The stand-in keeps 20 ms. An aborted request may reach it late, so that more than a timer's error lies between.
const options = { ...fast(), minIntervalMs: 40, requestTimeoutMs: 3_000 };
const retries = {};
const count = (counts, name) => (counts[name] = (counts[name] ?? 0) + 1);
const onEvent = ({ type, code }) => type === "retry" && count(retries, code);
// Two clients of one account: they share its lanes.
const clients = [new ExtractaClient({ ...options, onEvent }), new ExtractaClient({ ...options, onEvent })];
const longLived = new AbortController();
setMaxListeners(0, longLived.signal);

let flaky = below(50_000, random);
const batch = (batchId) => oneOf([extraction, classification], random)(batchId);
const flakyBatch = () => batch(`flaky-${(flaky += 1)}`);
// Outages may add any number of failures to the two in a row that a flaky batch has.
const PATIENT = { signal: longLived.signal, timeoutMs: Infinity, maxRetries: 100 };
const poll = (batch, more) => oneOf(clients, random).pollUntilDone(batch, { ...PATIENT, ...more });

/** Polls that end with an error, and with which. */
const FATAL = {
  "http-400": "BAD_REQUEST",
  "http-401": "UNAUTHENTICATED",
  "http-403": "FORBIDDEN",
  "http-404": "NOT_FOUND",
  "error-style-error": "API_ERROR",
  "files-number": "UNEXPECTED_REPLY",
  "html-200": "RETRIES_EXHAUSTED after NOT_JSON",
  "http-503": "RETRIES_EXHAUSTED after SERVER",
};

/** What is done, and the ends that are right for it. */
const TASKS = {
  "flaky batch": () => [poll(flakyBatch()), "done"],
  "waiting batch": () => [poll(batch(`waits-${below(5, random)}`)), "done"],
  "watched batch": () => {
    const watch = oneOf(clients, random).watch(flakyBatch(), PATIENT);
    const read = async () => {
      for await (const _ of watch);
      return watch.result;
    };
    return [read(), "done"];
  },
  "batch that fails": () => {
    const [name, code] = oneOf(Object.entries(FATAL), random);
    return [poll(batch(name), { maxRetries: 5 }), code];
  },
  "aborted batch": () => {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(ENOUGH), below(4_000, random));
    const result = poll(flakyBatch(), { signal: controller.signal }).finally(() => clearTimeout(timer));
    return [result, "done", "aborted"];
  },
  "left watch": () => {
    const watch = oneOf(clients, random).watch(batch("forever"), { intervalMs: 60_000 });
    const leave = async () => {
      for await (const _ of watch) break;
      return watch.result;
    };
    return [leave(), "AbortError"];
  },
  // An outage may meet it, and it tries but once.
  "single request": () => {
    const client = oneOf(clients, random);
    const one = random() < 0.5 ? client.getBatchResults(extraction("done")) : client.getClassificationResults(classification("done"));
    return [one, "done", "SERVER"];
  },
};
const OFTEN = ["flaky batch", "flaky batch", "flaky batch", "watched batch", ...Object.keys(TASKS)];

const ends = {};
const wrong = [];
let underWay = 0;

async function live(until) {
  while (performance.now() < until) {
    const name = oneOf(OFTEN, random);
    const [result, ...allowed] = TASKS[name]();
    underWay += 1;
    const end = await result.then(({ done }) => (done ? "done" : "waiting"), endOf);
    underWay -= 1;
    count(ends, `${name}: ${end}`);
    if (!allowed.includes(end)) wrong.push(`${name}: ${end} instead of ${allowed.join(" or ")}`);
  }
}

function endOf(error) {
  if (error === ENOUGH) return "aborted";
  if (!isExtractaError(error)) return String(error?.name);
  return isExtractaError(error.cause) ? `${error.code} after ${error.cause.code}` : error.code;
}

const timers = pendingTimers();
const started = performance.now();
const lives = Array.from({ length: ALIVE }, () => live(started + seconds * STARTING * 1_000));
let outages = 0;
const outage = setInterval(() => {
  outages += 1;
  void failNext(OUTAGE_REQUESTS, options);
}, OUTAGE_EVERY_MS);
setTimeout(() => clearInterval(outage), seconds * STARTING * 1_000);
// Only so that what hangs is reported instead of hanging the run.
setTimeout(() => {
  console.log(`lost: ${underWay} calls never ended`);
  process.exit(1);
}, seconds * 3_000 + 60_000).unref();
await Promise.all(lives);

// Requests that were given up end a moment after their call.
await new Promise((resolve) => setTimeout(resolve, 100));
const log = await requestsOf(options);
const faults = {};
for (const { httpStatus } of log) if (httpStatus !== 200) count(faults, httpStatus === null ? "no status line" : `HTTP ${httpStatus}`);
const violations = Object.values(await gapsOf(options)).reduce((sum, gaps) => sum + gaps.violations, 0);
const listeners = abortListeners(longLived.signal);
// The watchdog is none that keeps the process.
const timersLeft = pendingTimers() - timers;
const calls = Object.values(ends).reduce((sum, times) => sum + times, 0);
console.log(`seed ${seed}, ${Math.round((performance.now() - started) / 1_000)} s`);
console.log(JSON.stringify({ requests: log.length, calls, ends, outages, faultsOnTheWire: faults, retriesByCode: retries }, null, 2));
console.log(`lost: ${wrong.length}, violations of the floor: ${violations}, listeners left: ${listeners}, timers left: ${timersLeft}`);
for (const line of new Set(wrong)) console.log(`  ${line}`);
for (const client of clients) client.close();
process.exitCode = wrong.length + violations + listeners + timersLeft === 0 && calls > 0 ? 0 : 1;
