// What live polls hold, in a fresh process. Takes the contender's name, the folder of the app and how many polls; or, with
// `settled`, how much is held after rounds of so many polls of ours that have ended. Prints bytes.
import { heapBytes, wasmBytes } from "../tests/node-package/left-behind.mjs";
import { clientOf } from "./installed.mjs";
import { answering, NOWHERE } from "./nowhere.mjs";
import { NOBODY, OURS } from "./callers.mjs";

const [name, app, count, settled] = process.argv.slice(2);
const ExtractaClient = await clientOf(app);

/** So long that nothing moves while it is looked at. */
const FLOOR_MS = 600_000;
const LANES = 50;
const WARM_UP = 30;

async function bytes() {
  const heap = await heapBytes();
  return heap + (name === OURS ? wasmBytes() : 0);
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 50));

async function live() {
  const { pollers } = await import("./pollers.mjs");
  const { signal } = new AbortController();
  const options = { baseUrl: NOWHERE, floorMs: FLOOR_MS, signal, fetch: answering('{"status":"waiting"}') };
  const poller = { ...pollers({ ExtractaClient }), [NOBODY]: () => () => {} }[name];
  const begin = (poll, number) => void poll({ extractionId: "-BenchExtraction", batchId: `batch-${number}` });
  // The first ones bring what all share, code that is compiled when it is used included.
  const first = poller({ ...options, token: "first" });
  for (let number = 0; number < WARM_UP; number += 1) begin(first, number);
  await pause();
  const poll = poller({ ...options, token: "others" });
  await pause();
  const before = await bytes();
  for (let number = 0; number < Number(count); number += 1) begin(poll, number);
  await pause();
  return (await bytes()) - before;
}

async function ended() {
  const fetch = answering('{"files":[{"status":"processed"}]}');
  const clients = Array.from({ length: LANES }, (_, lane) => new ExtractaClient({ baseUrl: NOWHERE, token: `lane-${lane}`, minIntervalMs: 0, fetch }));
  const rounds = [];
  for (let round = 0; round < 3; round += 1) {
    const polls = Array.from({ length: Number(count) }, (_, number) => clients[number % LANES].pollUntilDone({ extractionId: "e", batchId: `batch-${number}` }));
    const results = await Promise.all(polls);
    if (!results.every(({ done }) => done)) throw new Error("a poll ended before its batch");
    results.length = polls.length = 0;
    rounds.push(await bytes());
  }
  return rounds;
}

console.log(JSON.stringify(await (settled ? ended() : live())));
process.exit();
