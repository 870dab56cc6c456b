// Node, Deno and Bun: a script run as it is.
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { freshApp } from "./app.mjs";
import { Missing, consumer } from "./consumer.mjs";
import { assertPolledToTheEnd, baseUrl, newToken } from "./poll.mjs";
import { run } from "./program.mjs";
import { installed, scratch, versionOf } from "./settings.mjs";

const EXE = process.platform === "win32" ? ".exe" : "";

/** The Node of a major version: an npm package brings it, in a package of its own for each platform. */
export function node(major) {
  const program = installed(`node-${major}-${process.platform}-${process.arch}`, "bin", `node${EXE}`);
  return existsSync(program) ? program : missing(`Node ${major}`);
}

/** What npm installed of a scope whose packages are one program for different platforms. */
async function ofScope(scope, path, name) {
  for (const platform of await readdir(installed(scope)).catch(() => [])) {
    const program = installed(scope, platform, `${path}${EXE}`);
    if (existsSync(program)) return program;
  }
  return missing(name);
}

function missing(name) {
  throw new Missing(`npm offers no ${name} for ${process.platform} ${process.arch}`);
}

const polls = (app, program, ...args) => async (t) => {
  const token = newToken();
  const cwd = await freshApp(t, app);
  // What a runtime caches, it caches here; whether there is a newer version of it is nobody's business.
  const env = { DENO_DIR: join(scratch, "deno"), DENO_NO_UPDATE_CHECK: "1" };
  await assertPolledToTheEnd(await run(t, await program(), [...args, baseUrl, token], { cwd, env }), token);
};

const nodeModes = (program) => ({
  import: polls("node", program, "import.mjs"),
  require: polls("node", program, "require.cjs"),
});

const version = (program) => async (t) => (await run(t, await program(), ["--version"])).trim().replace("v", "");

// The one that runs this.
const current = () => process.execPath;
consumer(`Node ${process.versions.node.split(".")[0]}`, version(current), nodeModes(current));
for (const major of [22, 24]) consumer(`Node ${major}`, version(() => node(major)), nodeModes(() => node(major)));

// Without --allow-read: the package must not need a file. --no-prompt makes a permission that is missing an error.
const deno = () => ofScope("@deno", "deno", "Deno");
consumer("Deno", () => versionOf("deno"), {
  "import, with --allow-net only": polls("deno", deno, "run", "--no-prompt", "--node-modules-dir=manual", "--allow-net=127.0.0.1", "main.js"),
});

const bun = () => ofScope("@oven", join("bin", "bun"), "Bun");
consumer("Bun", () => versionOf("bun"), {
  import: polls("node", bun, "import.mjs"),
  require: polls("node", bun, "require.cjs"),
});
