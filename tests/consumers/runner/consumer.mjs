// The table of consumers: a row for each, a test for each of its modes, and at the end what came out of those that ran.
import { after, test } from "node:test";
import { skipOrThrow } from "./missing.mjs";

/** Not a limit on how fast anything is: only so that a consumer that never ends fails its test instead of hanging it. */
const HUNG_MS = 300_000;

const rows = [];

/** `version` tells, or throws Missing; each of `modes` uses the package to the end. */
export function consumer(name, version, modes) {
  for (const [mode, use] of Object.entries(modes)) {
    test(`${name}: ${mode}`, { timeout: HUNG_MS }, async (t) => {
      const row = { name, mode, version: "?", works: "NO" };
      rows.push(row);
      try {
        row.version = await version(t);
        await use(t);
        row.works = "yes";
      } catch (error) {
        skipOrThrow(t, error);
        row.works = "not run";
      }
    });
  }
}

export function printTableAtTheEnd() {
  after(() => {
    const lines = ["| runtime or bundler | version | works |", "|---|---|---|"];
    for (const row of merged(rows)) lines.push(`| ${row.name} | ${row.version} | ${row.works} |`);
    console.log(`\n${lines.join("\n")}\n`);
  });
}

/** One row a consumer and outcome, its modes in brackets. */
function merged(rows) {
  const found = new Map();
  for (const { name, mode, version, works } of rows) {
    const key = JSON.stringify([name, version, works]);
    found.set(key, [...(found.get(key) ?? []), mode]);
  }
  return [...found].map(([key, modes]) => {
    const [name, version, works] = JSON.parse(key);
    return { name, version, works: `${works}: ${modes.join("; ")}` };
  });
}
