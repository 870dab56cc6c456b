// What docs/measured.md has between two comments: what one run found.
import { readFile, writeFile } from "node:fs/promises";
import { TABLES } from "./tables.mjs";

const PAGE = new URL("../../docs/measured.md", import.meta.url);
const [BEGIN, END] = ["<!-- measurements: written by `cargo xtask bench` -->", "<!-- end of the measurements -->"];

const LINE = 125;

/** Which plot goes before the tables of a measurement. */
const PLOTS = { size: "size.svg", call: "calls.svg", scheduling: "scheduling.svg" };

export function sectionOf({ date, machine, versions, figures }) {
  const { cpus, processor, architecture, system } = machine;
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ");
  const parts = [
    wrapped(
      `Run of ${date} on ${cpus} CPUs (${processor}, ${architecture}) under ${system}, with ${named}. Medians, and in ` +
        "brackets the quartiles of many rounds, each with all contenders in another order.",
    ),
  ];
  for (const [name, tablesOf] of Object.entries(TABLES)) {
    if (PLOTS[name]) parts.push(`![${tablesOf(figures[name])[0].title}](${PLOTS[name]})`);
    for (const { title, note, head, rows } of tablesOf(figures[name])) {
      const line = (cells) => `| ${cells.join(" | ")} |`;
      const table = [line(head), `|---|${"--:|".repeat(head.length - 1)}`, ...rows.map(line)].join("\n");
      parts.push(wrapped(`**${title}.** ${note}`), table);
    }
  }
  return parts.join("\n\n");
}

/** In lines as long as the other pages'. */
function wrapped(text) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = `${lines.at(-1)} ${word}`.trimStart();
    if (line.length <= LINE) lines[lines.length - 1] = line;
    else lines.push(word);
  }
  return lines.join("\n");
}

/** The section as it is kept. */
export async function keptSection() {
  const [, section] = parts(await readFile(PAGE, "utf8"));
  return section.trim();
}

export async function keepSection(section) {
  const [before, , behind] = parts(await readFile(PAGE, "utf8"));
  await writeFile(PAGE, `${before}${BEGIN}\n\n${section}\n\n${END}${behind}`);
}

function parts(text) {
  const [before, rest] = text.split(BEGIN);
  const [section, behind] = rest.split(END);
  return [before, section, behind];
}
