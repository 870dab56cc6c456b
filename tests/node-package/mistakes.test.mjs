// What the client says to about seventy mistakes, as docs/mistakes.md shows it.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { isExtractaError } from "extracta-wasm";
import { errorOf, MISTAKES, SECRET } from "./mistakes.mjs";
import { withoutSeconds } from "./standin.mjs";

const BEGIN = "<!-- table: written by the test, EXTRACTA_UPDATE_DOCS=1 cargo xtask test node-package -->";
const END = "<!-- end of the table -->";

// The tests run from a copy below the repository.
function pageOfMistakes() {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const page = join(folder, "docs", "mistakes.md");
    if (existsSync(page)) return page;
  }
  throw new Error("docs/mistakes.md is nowhere above this file");
}

const rows = [];

for (const [mistake, code, run] of MISTAKES) {
  test(`${mistake}: ${code}`, async () => {
    const error = await errorOf(run);
    assert.ok(isExtractaError(error, code), `${error.stack}`);
    assert.ok(!error.message.includes(SECRET), error.message);
    assert.match(error.message, /^[^\r\n]{20,}$/);
    if (code === "INVALID_OPTION") assert.ok(error.option, "it names the option");
    // Requests that were sent say of which batch, and where.
    if (error.attempts > 0 || code === "POLL_TIMEOUT") {
      assert.match(error.message, /batch b1/);
      assert.match(error.message, /at https:\/\/proxy\.example\/api\/getBatchResults/);
      assert.deepEqual([error.batchId, error.extractionId, error.url], ["b1", "any-extraction", "https://proxy.example/api/getBatchResults"]);
    }
    // That a busy machine took seconds for it is chance.
    let message = withoutSeconds(error.message);
    // So is how often it was asked in so short a time; of a single request nothing is said.
    const requests = error.attempts > 1 ? `, after ${error.attempts} requests` : "";
    if (code === "POLL_TIMEOUT" && error.attempts > 0) message = message.replace(`${requests}, at `, ", after 3 requests, at ");
    message = message.replaceAll("|", "\\|").replaceAll("<", "&lt;");
    rows.push(`| ${mistake} | ${code} | ${message} |`);
  });
}

test("docs/mistakes.md keeps what they say", async () => {
  assert.equal(rows.length, MISTAKES.length, "each mistake ended as it should");
  const page = pageOfMistakes();
  const text = await readFile(page, "utf8");
  const table = ["| mistake | code | message |", "|---|---|---|", ...rows].join("\n");
  const [before, behind] = [text.split(BEGIN)[0], text.split(END)[1]];
  const fresh = `${before}${BEGIN}\n\n${table}\n\n${END}${behind}`;
  if (process.env.EXTRACTA_UPDATE_DOCS) await writeFile(page, fresh);
  else assert.equal(text, fresh, "docs/mistakes.md is stale: run with EXTRACTA_UPDATE_DOCS=1");
});
