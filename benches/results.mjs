// The last whole run, kept in the repository: docs/measured.md is made from this file.
import { readFile, writeFile } from "node:fs/promises";

const FILE = new URL("results.json", import.meta.url);

export async function keptResults() {
  return JSON.parse(await readFile(FILE, "utf8"));
}

export async function keepResults(results) {
  await writeFile(FILE, `${JSON.stringify(results, rounded, 1)}\n`);
}

/** Five digits are more than a measurement has. */
function rounded(_, value) {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
}
