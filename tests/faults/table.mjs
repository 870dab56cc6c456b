// The table of docs/faults.md: kept in the repository, and compared with what the run saw.
import { readFile, writeFile } from "node:fs/promises";

const PAGE = new URL("../../docs/faults.md", import.meta.url);
const [BEGIN, END] = ["<!-- table: written by the test, EXTRACTA_UPDATE_DOCS=1 cargo xtask test faults -->", "<!-- end of the table -->"];

/** One line a row: what a single request ended with in each runtime; details of a row that end differently, side by side. */
export function tableOf(cases, runtimes) {
  const names = Object.keys(runtimes);
  const rows = new Map();
  for (const [index, { row }] of cases.entries()) rows.set(row, [...(rows.get(row) ?? []), index]);
  const lines = [`| fault | cases | ${names.join(" | ")} |`, `|---|--:|${"---|".repeat(names.length)}`];
  for (const [row, members] of rows) {
    const cells = names.map((name) => [...new Set(members.map((index) => runtimes[name][index].ask.ends))].join(", "));
    lines.push(`| ${row} | ${members.length} | ${cells.join(" | ")} |`);
  }
  return lines.join("\n");
}

/** The table as it is kept. */
export async function keptTable() {
  const [, table] = parts(await readFile(PAGE, "utf8"));
  return table;
}

export async function keepTable(table) {
  const [before, , behind] = parts(await readFile(PAGE, "utf8"));
  await writeFile(PAGE, `${before}${BEGIN}\n\n${table}\n\n${END}${behind}`);
}

function parts(text) {
  const [before, rest] = text.split(BEGIN);
  const [table, behind] = rest.split(END);
  return [before, table.trim(), behind];
}
