// The code of README.md and docs, run with the packed package.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { blocksOf } from "../../xtask/snippets.mjs";
import { skipOrThrow } from "../consumers/runner/missing.mjs";
import { appOf, pages } from "./runner/app.mjs";
import { compile } from "./runner/compile.mjs";
import { runOverlay, runs } from "./runner/runs.mjs";

// Not a limit on how fast anything is: only so that what never ends fails its test instead of hanging it.
const HUNG_MS = 300_000;

const CODE = ["js", "mjs", "cjs", "jsx", "ts", "mts", "tsx"];

await describe("docs", { concurrency: 3 }, async () => {
  for (const page of await pages()) {
    const blocks = await blocksOf(page.path);
    const isRun = ({ options }) => options.run && options.run !== "no";
    const tests = blocks.filter(isRun);
    const app = await appOf(page, blocks);

    for (const block of tests) {
      test(`${page.name}:${block.line} runs (${block.options.run})`, { timeout: HUNG_MS }, async (t) => {
        const run = runs[block.options.run];
        assert.ok(run, `no way to run is called ${block.options.run}: see tests/docs/README.md`);
        try {
          const output = await run(t, { app: await app.ready(t), file: app.fileOf(block), block });
          const next = blocks[blocks.indexOf(block) + 1];
          if (next?.options.output) assertPrinted(output, next.code);
        } catch (error) {
          skipOrThrow(t, error);
        }
      });
    }

    if (app.overlay) test(`${page.name} does what it says`, { timeout: HUNG_MS }, async (t) => {
      try {
        await runOverlay(t, await app.ready(t));
      } catch (error) {
        skipOrThrow(t, error);
      }
    });

    if (app.hasTypeScript) test(`the TypeScript of ${page.name} compiles`, { timeout: HUNG_MS }, async (t) => compile(t, await app.ready(t)));

    if (page.mustSay) test(`each block of ${page.name} is run, is a file or says that it is neither`, () => {
      const silent = blocks.filter(({ language, options }) => CODE.includes(language) && !options.run && !options.file);
      assert.deepEqual(silent.map(({ line }) => line), []);
    });
  }
});

/** Line by line; `…` stands for any lines. */
function assertPrinted(output, expected) {
  const escaped = expected.trim().split("\n").map((line) => (line === "…" ? "[^]*?" : line.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")));
  assert.match(output.trim(), new RegExp(`^${escaped.join("\n")}$`));
}
