// What the published package looks like to the tools that judge packages.
import { consumersOf } from "./consumer.mjs";
import { run } from "./program.mjs";
import { installed, tarball, versionOf } from "./settings.mjs";

const consumer = consumersOf("Judges of packages");

consumer("publint", () => versionOf("publint"), {
  "`--strict`": (t) => run(t, process.execPath, [installed("publint/src/cli.js"), tarball, "--strict"]),
});

consumer("Are the types wrong?", () => versionOf("@arethetypeswrong/cli"), {
  // The .wasm file is for `import` alone, and of that it complains: no JavaScript could make `require` give a module of it. Nor
  // is there a `require` in Workers, for which the entry `cloudflare` is.
  "no problems, in every entry point": (t) =>
    run(t, process.execPath, [installed("@arethetypeswrong/cli/dist/index.js"), tarball, "--exclude-entrypoints", "extracta_wasm.wasm", "cloudflare"]),
});
