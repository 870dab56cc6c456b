// docs/options.md has each option that the client knows, and no other.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { ExtractaClient } from "extracta-wasm";

// The tests run from a copy below the repository.
async function page() {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, "docs", "options.md");
    if (existsSync(file)) return readFile(file, "utf8");
  }
  throw new Error("docs/options.md is nowhere above this file");
}

/** The options that the message about one that does not exist lists. */
function known({ message }) {
  return /it takes (.+?)\./.exec(message)[1].split(", ");
}

/** The names in the first column below a heading. */
async function documented(heading) {
  const section = (await page()).split("\n## ").find((section) => section.startsWith(heading));
  return [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
}

const options = { nothingLikeThis: 1 };
const batch = { extractionId: "-OExampleTemplate", batchId: "b1" };
const client = new ExtractaClient({ baseUrl: "https://proxy.example" });

test("options of a client", async () => {
  const error = await Promise.resolve().then(() => new ExtractaClient(options)).catch((error) => error);
  assert.deepEqual(await documented("Of the client"), known(error));
});

test("options of a poll, and the one that only resume takes", async () => {
  const error = await client.pollUntilDone(batch, options).catch((error) => error);
  const names = await documented("Of a poll");
  assert.deepEqual(names.toSorted(), [...known(error), "batch"].toSorted());
  const watch = client.watch(batch);
  const resumed = await Promise.resolve().then(() => client.resume(watch.snapshot(), options)).catch((error) => error);
  watch.cancel();
  assert.deepEqual(names.toSorted(), known(resumed).toSorted());
});

test("options of a single request", async () => {
  const error = await client.getBatchResults(batch, options).catch((error) => error);
  const section = (await page()).split("\n## ").find((section) => section.startsWith("Of a single request"));
  assert.deepEqual([...section.split(": ")[1].split("\n")[0].matchAll(/`(\w+)`/g)].map(([, name]) => name), known(error));
});
