// The benchmarks run, in short, and what they claim to be true of us is. No figure is judged: a busy machine fails nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { BY_HAND, NOBODY, OURS } from "./callers.mjs";
import { figuresOf, MEASUREMENTS } from "./measurements.mjs";
import { keepPlots, keptPlot, plotsOf } from "./report/plots.mjs";
import { keepSection, keptSection, sectionOf } from "./report/page.mjs";
import { TABLES } from "./report/tables.mjs";
import { keptResults } from "./results.mjs";
import { orderOf } from "./rounds.mjs";

const ASKERS = [OURS, BY_HAND, "axios", "ky"];
const POLLERS = [OURS, "loop by hand", "p-queue, strict", "Bottleneck", "core-lro"];

const CLAIMS = {
  size(sizes) {
    assert.ok(Object.values(sizes).every(({ bytes, gzip, brotli }) => bytes > gzip && gzip > brotli && brotli > 0));
  },
  start(starts) {
    for (const [runtime, contenders] of Object.entries(starts)) {
      const expected = runtime === "workerd" ? [...ASKERS, NOBODY] : ASKERS;
      assert.deepEqual(Object.keys(contenders), expected, runtime);
      assert.ok(Object.values(contenders).every(({ all }) => all.median > 0), runtime);
    }
  },
  call({ inProcess, loopback }) {
    // Each call failed unless it gave all files.
    for (const sizes of [...Object.values(inProcess), loopback.node]) {
      assert.deepEqual(Object.keys(sizes), ["1", "100", "10000"]);
      for (const { ms } of Object.values(sizes)) assert.deepEqual(Object.keys(ms), ASKERS);
    }
  },
  memory({ bytesPerPoll }) {
    assert.deepEqual(Object.keys(bytesPerPoll), [...POLLERS, NOBODY]);
  },
  spacing({ one, ten, stalled }) {
    for (const scenario of [one, ten, stalled]) {
      assert.deepEqual(Object.keys(scenario), POLLERS);
      assert.equal(scenario[OURS].broken, 0, `the smallest gap of ours was ${scenario[OURS].smallestGapMs} ms`);
    }
    assert.ok(ten["loop by hand"].broken > 0, "ten loops that know nothing of one another keep apart: the judge is blind");
  },
  delay({ delayMs }) {
    assert.deepEqual(Object.keys(delayMs), POLLERS);
    // A batch that is told before it is done was not polled.
    assert.ok(Object.values(delayMs).every(({ low }) => low > -1));
  },
  scheduling({ floor }) {
    assert.equal(floor.violations, 0);
  },
};

for (const count of [1, 2, 4, 5]) {
  test(`in a round each of ${count} has one turn; over all rounds each turn, and each other one before it, equally often`, () => {
    const orders = Array.from({ length: 2 * count }, (_, round) => orderOf(count, round));
    const drawn = orders.join(" | ");
    for (const order of orders) assert.deepEqual([...order].sort(), [...Array(count).keys()]);
    const times = Array.from({ length: count }, () => Array(count).fill(0));
    const followed = structuredClone(times);
    for (const order of orders) {
      for (const [turn, who] of order.entries()) {
        times[who][turn] += 1;
        if (turn > 0) followed[who][order[turn - 1]] += 1;
      }
    }
    assert.ok(times.flat().every((often) => often === 2), drawn);
    assert.ok(followed.every((row, who) => row.every((often, other) => often === (who === other ? 0 : 2))), drawn);
  });
}

for (const name of MEASUREMENTS) {
  test(`${name}, in short`, async () => {
    const figures = await figuresOf(name, { short: true });
    CLAIMS[name](figures);
    for (const { head, rows } of TABLES[name](figures)) {
      for (const row of rows) assert.ok(row.length === head.length && row.every((cell) => !/NaN|undefined/.test(cell)), row.join(" | "));
    }
  });
}

test("docs/measured.md says what the last whole run found", async () => {
  const section = sectionOf(await keptResults());
  if (process.env.EXTRACTA_UPDATE_DOCS) await keepSection(section);
  assert.equal(await keptSection(), section, "run `cargo xtask bench`, or with EXTRACTA_UPDATE_DOCS=1 to write what benches/results.json says");
});

test("the plots in docs are of the last whole run", async () => {
  const plots = plotsOf(await keptResults());
  if (process.env.EXTRACTA_UPDATE_DOCS) await keepPlots(plots);
  for (const [name, svg] of Object.entries(plots)) assert.equal(await keptPlot(name), svg, `docs/${name}.svg`);
});

test("what was kept is a whole run, in which our floor was held", async () => {
  const { figures } = await keptResults();
  assert.deepEqual(Object.keys(figures), MEASUREMENTS);
  CLAIMS.spacing(figures.spacing);
  CLAIMS.scheduling(figures.scheduling);
});
