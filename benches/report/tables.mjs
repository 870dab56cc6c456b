// The figures as tables: for each measurement a list of them, for the terminal and docs/measured.md alike.
import { BY_HAND, NOBODY, OURS } from "../callers.mjs";

const RUNTIMES = { node: "Node", chromium: "Chromium", workerd: "workerd" };

export const TABLES = {
  size: (sizes) => {
    const axios = Object.entries(sizes).find(([name]) => name.startsWith("axios"))[1];
    return [
      {
        title: "What a browser downloads",
        note: "In bytes, all bundled and minified in the same way. axios and ky hold one request: they neither poll nor pace.",
        head: ["", "gzip -9", "brotli -11", "relative to axios"],
        rows: Object.entries(sizes).map(([name, { gzip, brotli }]) => [name, whole(gzip), whole(brotli), twoDigits(brotli / axios.brotli)]),
      },
    ];
  },

  start: (starts) => [
    {
      title: "Import, instantiation and first call, relative to axios",
      note:
        "In a fresh process, page or Worker each time; the call goes to a `fetch` in the same process. For Node the steps are " +
        "shown apart: import and instantiation, then the call. For workerd, the time that an idle Worker takes to start is subtracted.",
      head: ["", "Node: import", "Node: call", "Node: all", "Chromium: all", "workerd: all"],
      rows: Object.keys(starts.node).map((name) => {
        const to = (runtime, ms) => withSpread(scaled(ms(starts[runtime][name]), 1 / ms(starts[runtime].axios).median));
        const loaded = ({ import: imported, instantiate }) => sum(imported, instantiate);
        const idle = starts.workerd[NOBODY].all.median;
        return [
          name,
          to("node", loaded),
          ...[["node", "call"], ["node", "all"], ["chromium", "all"]].map(([runtime, step]) => to(runtime, (steps) => steps[step])),
          to("workerd", ({ all }) => shifted(all, -idle)),
        ];
      }),
    },
  ],

  call: ({ inProcess, loopback }) => [
    {
      title: `One call for 1, 100 and 10 000 files (1 KB, 100 KB, 10 MB), relative to a ${BY_HAND}`,
      note: "Over a `fetch` in the same process that answers with a fresh `Response`, so only the client's own cost counts.",
      head: ["", ...Object.keys(inProcess).flatMap((runtime) => ["1", "100", "10 000"].map((files) => `${RUNTIMES[runtime]}: ${files}`))],
      rows: rowsOfCalls(Object.values(inProcess), "ms"),
    },
    {
      title: "The same over a server on this machine, in Node",
      note: `The time until the answer is there, and how long it kept the main thread busy; both relative to a ${BY_HAND}.`,
      head: ["", ...["time", "busy"].flatMap((meter) => ["1", "100", "10 000"].map((files) => `${meter}: ${files}`))],
      rows: rowsOfCalls([loopback.node], "ms").map((row, index) => [...row, ...rowsOfCalls([loopback.node], "busyMs")[index].slice(1)]),
    },
  ],

  memory: ({ bytesPerPoll, settled }) => {
    const [first, second, third] = settled.bytesAfterRounds;
    return [
      {
        title: "Memory of a live poll",
        note:
          "Heap and wasm memory, in KiB for each poll. wasm memory grows by 64 KiB at a time, and the heap also grows by itself: see " +
          `${NOBODY}. After two rounds of ${whole(settled.polls)} polls that ended, ${OURS} held ${signed((second - first) / 1024)} KiB more than after one, ` +
          `and after three ${signed((third - second) / 1024)} KiB more than after two.`,
        head: ["", ...Object.keys(Object.values(bytesPerPoll)[0]).map((count) => `${whole(Number(count))} at once`)],
        rows: Object.entries(bytesPerPoll).map(([name, counts]) => [name, ...Object.values(counts).map(({ median }) => oneDigit(median / 1024))]),
      },
    ];
  },

  spacing: ({ floorMs, stalls, stallFloors, one, ten, stalled }) => [
    {
      title: "Who keeps the least time between two requests",
      note:
        `As the server sees it, with ${floorMs} ms in place of 2 s: how many of the gaps were too short. In the last case ` +
        `the main thread stands still ${stalls} times for ${stallFloors} such intervals. ${OURS} counts from the answer, so each ` +
        "gap is longer by the time of one request. The last two columns are for 10 batches without stalls: the requests made, " +
        "of those that the least time allows, and how much longer than that time the gaps were.",
      head: ["", "1 batch", "10 batches", "10 batches, stalls", "smallest gap then", "requests of those allowed", "longer by"],
      rows: Object.keys(ten).map((name) => {
        const broken = ({ broken, requests }) => (broken === 0 ? `none of ${requests - 1}` : `${broken} of ${requests - 1}`);
        const { slotsUsed, overMs } = ten[name];
        return [
          name,
          ...[one, ten, stalled].map((scenario) => broken(scenario[name])),
          `${oneDigit(stalled[name].smallestGapMs)} ms`,
          `${whole(slotsUsed * 100)} %`,
          `${withSpread(overMs, oneDigit)} ms`,
        ];
      }),
    },
  ],

  delay: ({ floorMs, delayMs }) => [
    {
      title: "From done on the server to the promise resolved",
      note: `One batch, with ${floorMs} ms between requests. Half of that is what any fixed interval costs on average.`,
      head: ["", "ms"],
      rows: Object.entries(delayMs).map(([name, spread]) => [name, withSpread(spread, whole)]),
    },
  ],

  scheduling: ({ loads, slots, floor }) => [
    {
      title: "How long a finished batch waits unnoticed, relative to taking turns",
      note:
        `Means over ${loads[0].seeds} seeds each, in a simulation; the limit knows when each batch will finish. ` +
        `A lane with ${slots.map(({ batches }) => batches).join(", ")} batches used ` +
        `${slots.map(({ used, possible }) => oneDigit((100 * used) / possible)).join(", ")} % of its slots. ` +
        `${floor.violations === 0 ? "None" : whole(floor.violations)} of ${whole(floor.requests)} requests of random scenarios came too soon.`,
      head: ["batches", ...Object.values(ORDERS)],
      rows: loads.map(({ name, orders }) => [name, ...Object.keys(ORDERS).map((order) => twoDigits(orders.find(({ name }) => name === order).mean))]),
    },
  ],
};

/** The orders that are shown, and what they are called in a table's head. */
export const ORDERS = {
  "serial await": "one after the other",
  "private backoff x1.5, FIFO limiter": "backoff, limiter",
  "ours, no hints": "ours, no hints",
  ours: "ours, file counts given",
  clairvoyant: "limit",
};

function rowsOfCalls(runtimes, meter) {
  const names = Object.keys(Object.values(runtimes[0])[0][meter]);
  return names.map((name) => [name, ...runtimes.flatMap((sizes) => Object.values(sizes).map((meters) => withSpread(meters[meter][name].ratio)))]);
}

function withSpread({ median, low, high }, digits = twoDigits) {
  const [shown, ...ends] = [median, low, high].map(digits);
  return ends.every((end) => end === shown) ? shown : `${shown} (${ends.join("–")})`;
}

const each = (change) => ({ median, low, high }, ...more) => ({ median: change(median, ...more), low: change(low, ...more), high: change(high, ...more) });
const scaled = each((value, factor) => value * factor);
const shifted = each((value, by) => value + by);
const sum = (one, other) => ({ median: one.median + other.median, low: one.low + other.low, high: one.high + other.high });

const twoDigits = (value) => value.toFixed(2);
const oneDigit = (value) => value.toFixed(1);
const signed = (value) => `${value > 0 ? "+" : ""}${whole(value)}`;

/** With thin groups of three, as in "10 000". */
export function whole(value) {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, " ");
}
