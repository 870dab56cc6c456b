// Consumers of the packed tarball, each a small app of a few lines without loader, plugin or init, polling to the end.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { outcomes } from "./runner/consumer.mjs";
import { filesWithTheClient } from "./runner/lines.mjs";
import { keepTables, keptAndSeen } from "./runner/table.mjs";

// A poll is mostly waiting: several fit into the time of one.
await describe("consumers", { concurrency: 4 }, async () => {
  await import("./runner/frameworks.mjs"); // The slowest first.
  await import("./runner/next.mjs");
  await import("./runner/types.mjs");
  await import("./runner/runtimes.mjs");
  await import("./runner/workers.mjs");
  await import("./runner/crossing.mjs");
  await import("./runner/proxied.mjs");
  await import("./runner/proxies.mjs");
  await import("./runner/uploads.mjs");
  await import("./runner/test-runners.mjs");
  await import("./runner/pages.mjs");
  await import("./runner/frames.mjs");
  await import("./runner/extension.mjs");
  await import("./runner/refused.mjs");
  await import("./runner/checks.mjs");
});

test("every app has fewer than fifteen lines of its own", async () => {
  for (const { file, lines } of await filesWithTheClient()) assert.ok(lines < 15, `${file} has ${lines}`);
});

test("docs/runtimes.md keeps what came out", async (t) => {
  const rows = outcomes();
  const others = rows.filter(({ outcome }) => outcome !== "yes").map(({ name, works, outcome }) => `${name}: ${works.join("; ")}: ${outcome}`);
  if (others.length > 0) return t.skip(`there is nothing to compare, as not all worked here: ${others.join(". ")}`);
  if (process.env.EXTRACTA_UPDATE_DOCS) await keepTables(rows);
  for (const [page, { kept, seen }] of Object.entries(await keptAndSeen(rows))) {
    assert.equal(kept, seen, `${page} is stale: run with EXTRACTA_UPDATE_DOCS=1 to keep what came out this time`);
  }
});
