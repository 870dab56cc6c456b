// Measures what is named, or everything; prints tables. Only a whole run is kept: no figure is to come from another one.
import { figuresOf, MEASUREMENTS } from "./measurements.mjs";
import { keepPlots, plotsOf } from "./report/plots.mjs";
import { keepSection, sectionOf } from "./report/page.mjs";
import { TABLES } from "./report/tables.mjs";
import { shown } from "./report/terminal.mjs";
import { keepResults, keptResults } from "./results.mjs";
import { machine, versions } from "./settings.mjs";

const named = process.argv.slice(2);
const figures = {};
for (const name of named.length > 0 ? named : MEASUREMENTS) {
  console.log(`\nMeasuring: ${name}`);
  figures[name] = await figuresOf(name);
  for (const table of TABLES[name](figures[name])) console.log(shown(table));
}

if (named.length === 0) {
  const date = new Date().toISOString().slice(0, 10);
  await keepResults({ date, machine: machine(), versions: await versions(), figures });
  const results = await keptResults();
  await keepSection(sectionOf(results));
  await keepPlots(plotsOf(results));
  console.log("\nWritten: benches/results.json, docs/measured.md and its plots.");
}
