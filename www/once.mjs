/** The demo without a browser: waits for one batch of each kind at the same time, or uploads files, then prints what came. */

import { createReadStream, existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { sizeText } from "./files-to-upload.js";
import { printable, progressLine, resultLines } from "./terminal.mjs";

const USAGE = `usage: node once.mjs BASE_URL PACKAGE_ENTRY [FILE…]
  BASE_URL       the API of the stand-in, such as http://127.0.0.1:8787/api/v1
  PACKAGE_ENTRY  the built package's module: a path, or a name that Node can resolve
  FILE           a document to upload; without one, two scripted batches are polled`;

const BATCHES = [
  { extractionId: "demo-extraction", batchId: "demo-invoices" },
  { classificationId: "demo-classification", batchId: "demo-inbox" },
];

const NOTHING_YET = { total: 0, failed: 0, pending: 0 };

const EXTRACTION = { extractionId: "demo-extraction" };

async function main([baseUrl, packageEntry, ...paths]) {
  if (!baseUrl || !packageEntry) throw new Error(USAGE);
  const { ExtractaClient } = await import(existsSync(packageEntry) ? pathToFileURL(resolve(packageEntry)) : packageEntry);
  const client = new ExtractaClient({ baseUrl, token: `demo-once-${process.pid}` });
  console.log("Results made up by a stand-in, not the service.\n");
  if (paths.length > 0) return extract(client, paths);

  const show = process.stdout.isTTY ? redrawnBars() : printedLines();
  const polls = BATCHES.map((batch, row) => client.pollUntilDone(batch, { onProgress: (progress) => show(row, progress) }));
  try {
    for (const results of await Promise.all(polls)) {
      console.log(`\n${printable(results.batchId)}: finished`);
      console.log(resultLines(results).join("\n"));
    }
  } finally {
    // Also ends the other poll when one fails.
    client.close();
  }
}

/** Each file is read as it is sent: none is held in memory. */
async function extract(client, paths) {
  const missing = paths.find((path) => !existsSync(path));
  if (missing !== undefined) throw new Error(`There is no file ${missing}`);
  const files = paths.map((path) => ({ name: basename(path), data: createReadStream(path) }));
  try {
    const results = await client.extract(EXTRACTION, files, { onProgress: (progress) => console.log(lineOf(progress)) });
    console.log(`\n${printable(results.batchId)}: finished`);
    console.log(resultLines(results).join("\n"));
  } finally {
    client.close();
  }
}

function lineOf({ phase, sentBytes, counts, attempt, results }) {
  if (phase === "upload") return `Uploading: ${sizeText(sentBytes)}`;
  return progressLine(results.batchId, counts, attempt);
}

/** One bar per batch, drawn over the last. */
function redrawnBars() {
  const columns = process.stdout.columns || 80;
  const lines = BATCHES.map(({ batchId }) => progressLine(batchId, NOTHING_YET, 0, columns));
  process.stdout.write(`${lines.join("\n")}\n`);
  return (row, { counts, attempt }) => {
    lines[row] = progressLine(BATCHES[row].batchId, counts, attempt, columns);
    process.stdout.write(`\x1b[${lines.length}A${lines.map((line) => `\x1b[2K${line}\n`).join("")}`);
  };
}

function printedLines() {
  return (row, { counts, attempt }) => console.log(progressLine(BATCHES[row].batchId, counts, attempt));
}

main(process.argv.slice(2)).catch((error) => {
  console.error(String(error?.message ?? error).split("\n").map(printable).join("\n"));
  process.exitCode = 1;
});
