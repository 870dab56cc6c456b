// TypeScript: every version from 5.0 on, in every way in which it resolves modules, the types themselves checked as well.
import { freshApp } from "./app.mjs";
import { consumersOf } from "./consumer.mjs";
import { run } from "./program.mjs";
import { node } from "./programs.mjs";
import { installed, versionOf } from "./settings.mjs";

const consumer = consumersOf("Types");

const VERSIONS = ["5.0", "5.1", "5.2", "5.3", "5.4", "5.5", "5.6", "5.7", "5.8", "5.9", "6.0", "7.0"];

/** As folders of the app. node10 is deprecated since TypeScript 6, and gone from 7. */
function resolutionsOf(version) {
  const others = ["node16", "nodenext", "bundler"];
  if (version >= "7") return others;
  return [version >= "6" ? "node10-deprecated" : "node10", ...others];
}

const compiles = (version) => async (t) => {
  const app = await freshApp(t, "typescript");
  // One after the other in one process.
  await run(t, node(24), [installed(`typescript-${version}`, "bin", "tsc"), "--build", ...resolutionsOf(version)], { cwd: app });
};

consumer(
  "TypeScript",
  () => VERSIONS.map((version) => versionOf(`typescript-${version}`)).join(", "),
  Object.fromEntries(VERSIONS.map((version) => [version, compiles(version)])),
  "`moduleResolution` node10 (before 7.0), node16, nodenext and bundler, with `skipLibCheck: false`",
);
