// Bar charts of sizes, calls and scheduling, as SVG in docs.
import { readFile, writeFile } from "node:fs/promises";
import { BY_HAND, OURS } from "../callers.mjs";
import { ORDERS, TABLES, whole } from "./tables.mjs";

const [WIDTH, LABEL, BAR, GAP, HEAD] = [760, 250, 16, 6, 34];
/** Ours, then the others. */
const [STRONG, WEAK] = ["#0b6e4f", "#9aa5b1"];

const file = (name) => new URL(`../../docs/${name}.svg`, import.meta.url);

/** The plots by the names of their files in docs. */
export function plotsOf({ figures }) {
  return { size: sizes(figures.size), calls: calls(figures.call.inProcess.node), scheduling: scheduling(figures.scheduling) };
}

/** A plot as it is kept, or nothing. */
export function keptPlot(name) {
  return readFile(file(name), "utf8").catch(() => undefined);
}

export async function keepPlots(plots) {
  for (const [name, svg] of Object.entries(plots)) await writeFile(file(name), svg);
}

function sizes(figures) {
  const bars = Object.entries(figures).map(([name, { brotli }]) => bar(name, brotli, `${whole(brotli)} bytes`));
  return chart("What a browser downloads, after brotli -11", [{ bars }]);
}

function calls(byFiles) {
  const groups = Object.entries(byFiles).map(([files, { ms }]) => ({
    title: `${whole(Number(files))} ${files === "1" ? "file" : "files"}`,
    bars: Object.entries(ms).map(([name, { ratio }]) => bar(name, ratio.median, ratio.median.toFixed(2))),
  }));
  return chart(`One call in Node over a fetch in the process, relative to a ${BY_HAND}`, groups);
}

function scheduling(figures) {
  const shown = ["ours, no hints", "ours", "clairvoyant"];
  const groups = figures.loads.map(({ name, orders }) => ({
    title: name,
    bars: shown.map((order) => {
      const { mean } = orders.find(({ name }) => name === order);
      return bar(ORDERS[order], mean, mean.toFixed(2));
    }),
  }));
  return chart(TABLES.scheduling(figures)[0].title, groups);
}

function bar(name, value, text) {
  return { name, value, text, colour: name.startsWith(OURS) || name.startsWith("ours") ? STRONG : WEAK };
}

/** Bars from one scale, below one another, in groups. */
function chart(title, groups) {
  const largest = Math.max(...groups.flatMap(({ bars }) => bars.map(({ value }) => value)));
  const scale = (WIDTH - LABEL - 110) / largest;
  const lines = [];
  let y = HEAD;
  for (const { title, bars } of groups) {
    if (title) {
      lines.push(`<text x="10" y="${y + 12}" font-weight="bold">${escaped(title)}</text>`);
      y += BAR + GAP;
    }
    for (const { name, value, text, colour } of bars) {
      const length = Math.max(1, Math.round(value * scale));
      lines.push(
        `<text x="${LABEL - 8}" y="${y + 12}" text-anchor="end">${escaped(name)}</text>`,
        `<rect x="${LABEL}" y="${y}" width="${length}" height="${BAR}" fill="${colour}"/>`,
        `<text x="${LABEL + length + 6}" y="${y + 12}">${escaped(text)}</text>`,
      );
      y += BAR + GAP;
    }
    y += GAP;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" font-family="sans-serif" font-size="12" role="img">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="10" y="20" font-size="14" font-weight="bold">${escaped(title)}</text>
${lines.join("\n")}
</svg>
`;
}

function escaped(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
}
