// The tables of docs/runtimes.md: kept in the repository, and compared with what the run saw.
import { readFile, writeFile } from "node:fs/promises";

const KINDS = ["Runtimes", "Browsers", "Bundlers", "Frameworks", "Test runners", "Types", "Judges of packages", "Where WebAssembly is refused"];

const BEGIN = "<!-- table: written by the test, EXTRACTA_UPDATE_DOCS=1 cargo xtask test consumers -->";
const END = "<!-- end of the table -->";

const PAGES = {
  "docs/runtimes.md": wholeTable,
};

/** What was last kept of the versions that differ from machine to machine: they make no table stale. */
const OF_THE_MACHINE = /<!-- of the machine: (.*) -->/;

function wholeTable(rows) {
  const ofTheMachine = rows.filter((row) => row.isOfThisMachine).map(({ name, version }) => [name, version]);
  const tables = KINDS.map((kind) => {
    const lines = rows.filter((row) => row.kind === kind).map(({ name, version, works }) => `| ${name} | ${version} | ${works.join("; ")} |`);
    const ends = kind === KINDS.at(-1) ? "ends with" : "works";
    return [`## ${kind}`, "", `| | version | ${ends} |`, "|---|---|---|", ...lines, ""].join("\n");
  });
  return [`<!-- of the machine: ${JSON.stringify(Object.fromEntries(ofTheMachine))} -->`, "", ...tables].join("\n").trim();
}

/** The tables as they are kept, and as they are of these rows. */
export async function keptAndSeen(rows) {
  const [, table] = parts(await page("docs/runtimes.md"));
  const ofTheMachine = JSON.parse(OF_THE_MACHINE.exec(table)?.[1] ?? "{}");
  const comparable = rows.map((row) => ({ ...row, version: (row.isOfThisMachine && ofTheMachine[row.name]) || row.version }));
  const all = Object.entries(PAGES).map(async ([name, tableOf]) => {
    const [, kept] = parts(await page(name));
    return [name, { kept, seen: tableOf(comparable) }];
  });
  return Object.fromEntries(await Promise.all(all));
}

export async function keepTables(rows) {
  for (const [name, tableOf] of Object.entries(PAGES)) {
    const [before, , behind] = parts(await page(name));
    await writeFile(url(name), `${before}${BEGIN}\n\n${tableOf(rows)}\n\n${END}${behind}`);
  }
}

const url = (name) => new URL(`../../../${name}`, import.meta.url);

function page(name) {
  return readFile(url(name), "utf8");
}

function parts(text) {
  const [before, rest] = text.split(BEGIN);
  if (rest === undefined) throw new Error(`a page without the line ${BEGIN}`);
  const [table, behind] = rest.split(END);
  return [before, table.trim(), behind];
}
