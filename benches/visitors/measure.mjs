// Measures both proxies side by side at the API's real rule, and writes docs/proxy-measured.md and its plot.
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { launch } from "../../xtask/chromium.mjs";
import { plot } from "./plot.mjs";
import { PROXIES, visit } from "./visitors.mjs";

function setting(variable, meaning) {
  const value = process.env[variable];
  if (!value) throw new Error(`Set ${variable} to ${meaning}, or run \`cargo xtask bench visitors\`.`);
  return value;
}

const standin = setting("EXTRACTA_STANDIN_URL", "the address of a running stand-in, http://127.0.0.1:PORT say");
const chromium = setting("CHROMIUM", "the path of a Chromium");

const [PAGES, PROGRAMS, WAITS, FLOOR_MS] = [8, 20, 2, 2_000];

/** So many times the shortest time in which everyone can be done is waited for. */
const PATIENCE = 2;

const docs = (name) => new URL(`../../docs/${name}`, import.meta.url);
const seconds = (ms) => `${Math.round(ms / 1_000)} s`;

const browser = await launch(chromium);
const seen = {};
try {
  for (const name of Object.keys(PROXIES)) {
    console.log(`Measuring: ${name}`);
    const idealMs = ((PAGES + PROGRAMS) * (WAITS + 1) - 1) * FLOOR_MS;
    seen[name] = await visit(name, { standin, browser, pages: PAGES, programs: PROGRAMS, waits: WAITS, floorMs: FLOOR_MS, timeoutMs: PATIENCE * idealMs });
    console.log(JSON.stringify(seen[name]));
  }
} finally {
  await browser.close();
}

const chromiumVersion = browser.version();
await writeFile(docs("proxy-measured.svg"), plot(seen));
await writeFile(docs("proxy-measured.md"), page());
console.log("Written: docs/proxy-measured.md and docs/proxy-measured.svg.");

function page() {
  const columns = Object.values(seen);
  const [{ idealMs, needed, visitors }] = columns;
  const row = (what, of) => `| ${what} | ${columns.map(of).join(" | ")} |`;
  const rows = [
    row("visitors that were done", ({ done }) => `${done} of ${visitors}`),
    row("the last one after", ({ done, doneAfterMs, tookMs }) => (done === visitors ? seconds(doneAfterMs.at(-1)) : `given up after ${seconds(tookMs)}`)),
    row("requests to the API", ({ upstream }) => upstream),
    row("of them refused", ({ refused }) => refused),
    row("smallest gap between two", ({ smallestGapMs }) => `${smallestGapMs} ms`),
    row("requests of each visitor", ({ requestsOfEach }) => requestsOfEach.toFixed(1)),
    row("429 that visitors saw", ({ told429 }) => told429),
  ];
  return `# Many visitors through the proxy, measured

${PAGES} web pages, each in a Chromium context of its own, and ${PROGRAMS} Node programs poll through one account at the same time, each a
batch of its own that takes ${WAITS + 1} polls. The account's rule is the API's: ${FLOOR_MS / 1_000} seconds between two requests, which the
stand-in enforces. So everyone needs ${needed} requests together, which take ${seconds(idealMs)} at the least.

All of them use the client of this package with \`baseUrl\` alone; only the server between them and the API differs.

![How many visitors are done, over time](proxy-measured.svg)

|  | ${Object.keys(seen).join(" | ")} |
|---|${"--:|".repeat(columns.length)}
${rows.join("\n")}

Visitors were given up after ${PATIENCE} times the shortest time. Each page keeps the rule by itself; a proxy that only adds the key does not keep it for
all together, and each request that comes too soon starts the 2 seconds again.

Run of ${new Date().toISOString().slice(0, 10)} on ${cpus().length} CPUs with Node ${process.versions.node} and Chromium ${chromiumVersion}, by \`cargo xtask bench visitors\`. \`cargo xtask test
tabs\` runs the same in short, and fails where a request is refused, a slot is left unused or a visitor is not done.
`;
}
