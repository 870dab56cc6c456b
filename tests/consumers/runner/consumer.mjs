// Consumers: a test for each mode of each, and what came out of those that ran.
import { test } from "node:test";
import { skipOrThrow } from "./missing.mjs";

/** Not a limit on how fast anything is: only so that a consumer that never ends fails its test instead of hanging it. */
const HUNG_MS = 600_000;

/** One for each mode, in the order in which they are declared. */
const rows = [];

/**
 * What declares the consumers of a kind. `version` returns it, or throws Missing; each of `modes` uses the package to the end.
 * The table lists the modes, unless `works` sums them up.
 */
export function consumersOf(kind) {
  return (name, version, modes, works) => {
    for (const [mode, use] of Object.entries(modes)) {
      const row = { kind, name, works: works ?? mode, version: "?", outcome: "NO" };
      rows.push(row);
      test(`${name}: ${mode}`, { timeout: HUNG_MS }, async (t) => {
        try {
          const found = await version(t);
          Object.assign(row, typeof found === "string" ? { version: found } : found);
          await use(t);
          row.outcome = "yes";
        } catch (error) {
          skipOrThrow(t, error);
          row.outcome = "not run";
        }
      });
    }
  };
}

/** A version that differs from machine to machine: npm does not install the program. */
export const ofThisMachine = (version) => async (t) => ({ version: await version(t), isOfThisMachine: true });

/** What came out, one row for each consumer; with those that did not work, or did not run, in rows of their own. */
export function outcomes() {
  const merged = new Map();
  for (const { works, ...row } of rows) {
    const key = [row.name, row.outcome].join();
    const found = merged.get(key) ?? { ...row, works: [] };
    merged.set(key, found);
    if (!found.works.includes(works)) found.works.push(works);
  }
  return [...merged.values()];
}
