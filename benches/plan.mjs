// How much is measured: enough for figures, or, in a short run, just enough to see that everything works.

const PLANS = {
  full: {
    /** Fresh processes, pages and Workers for each contender. */
    starts: { node: 25, chromium: 15, workerd: 15 },
    /** By the number of files: rounds, and calls of a turn. A turn takes milliseconds, as the first calls pay for the last one. */
    calls: { 1: [120, 64], 100: [120, 8], 10_000: [80, 1] },
    /** In workerd, where a round is a request. */
    workerdCalls: { 1: [60, 200], 100: [60, 16], 10_000: [40, 1] },
    memory: { live: [1, 100, 10_000], runs: 3, settled: 10_000 },
    /** Lengths of the runs, in floors. */
    spacing: { floorMs: 100, calm: 40, stalls: 5 },
    delays: 40,
  },
  short: {
    starts: { node: 1, chromium: 1, workerd: 1 },
    calls: { 1: [2, 4], 100: [2, 2], 10_000: [1, 1] },
    workerdCalls: { 1: [1, 2], 100: [1, 1], 10_000: [1, 1] },
    memory: { live: [1, 100], runs: 1, settled: 200 },
    spacing: { floorMs: 100, calm: 8, stalls: 1 },
    delays: 2,
  },
};

export function planOf({ short }) {
  return short ? PLANS.short : PLANS.full;
}
