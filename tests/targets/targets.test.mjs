// What wasm-bindgen makes of the crate for each of its targets, without any step of ours in between: each polls a batch to its
// end.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { skipOrThrow } from "../consumers/runner/missing.mjs";
import { run } from "../consumers/runner/program.mjs";
import { deno, node } from "../consumers/runner/programs.mjs";
import { scratch, setting } from "../consumers/runner/settings.mjs";

const built = setting("EXTRACTA_TARGETS", "a folder with what wasm-bindgen made of the crate for each target");

const current = () => process.execPath;
const node24 = () => node(24);

/** Each target with the program that runs its package, and how that finds it. */
const TARGETS = {
  web: [current, "web.mjs"],
  nodejs: [current, "nodejs.mjs"],
  "no-modules": [current, "no-modules.mjs"],
  bundler: [node24, "bundler.mjs", "--experimental-wasm-modules", "--no-warnings"],
  deno: [deno, "deno.js", "run", "--no-prompt", `--allow-read=${built}`],
};

for (const [target, [program, script, ...options]] of Object.entries(TARGETS)) {
  test(`${target}: a package that polls a batch to its end`, async (t) => {
    try {
      const folder = join(built, target);
      const path = fileURLToPath(new URL(`programs/${script}`, import.meta.url));
      const where = ["bundler", "deno"].includes(target) ? pathToFileURL(folder).href : folder;
      const env = { DENO_DIR: join(scratch, "deno"), DENO_NO_UPDATE_CHECK: "1" };
      const report = await run(t, await program(), [...options, path, where], { env });
      assert.deepEqual(JSON.parse(report), { requested: 3, attempts: [0, 1, 2, 3], done: true, totals: ["1"] });
    } catch (error) {
      skipOrThrow(t, error);
    }
  });
}
