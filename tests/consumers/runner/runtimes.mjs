// Node, Deno and Bun: a script run as it is.
import { join } from "node:path";
import { freshApp } from "./app.mjs";
import { consumersOf } from "./consumer.mjs";
import { assertPolledToTheEnd, baseUrl, newToken } from "./poll.mjs";
import { run } from "./program.mjs";
import { deno, node, ofScope } from "./programs.mjs";
import { scratch, versionOf } from "./settings.mjs";

const consumer = consumersOf("Runtimes");

const polls = (app, program, ...args) => async (t) => {
  const token = newToken();
  const cwd = await freshApp(t, app);
  // What a runtime caches, it caches here; whether there is a newer version of it is nobody's business.
  const env = { DENO_DIR: join(scratch, "deno"), DENO_NO_UPDATE_CHECK: "1" };
  await assertPolledToTheEnd(await run(t, await program(), [...args, baseUrl, token], { cwd, env }), token);
};

const nodeModes = (program) => ({
  "`import`": polls("node", program, "import.mjs"),
  "`require`": polls("node", program, "require.cjs"),
});

const version = (program) => async (t) => (await run(t, await program(), ["--version"])).trim().replace("v", "");

for (const major of [20, 22, 24]) consumer(`Node ${major}`, version(() => node(major)), nodeModes(() => node(major)));

// Without --allow-read: the package must not need a file. --no-prompt makes a permission that is missing an error.
consumer("Deno", () => versionOf("deno"), {
  "`import`, with `--allow-net` and no other permission": polls("deno", deno, "run", "--no-prompt", "--node-modules-dir=manual", "--allow-net=127.0.0.1", "main.js"),
});

const bun = () => ofScope("@oven", join("bin", "bun"), "Bun");
consumer("Bun", () => versionOf("bun"), {
  "`import`": polls("node", bun, "import.mjs"),
  "`require`": polls("node", bun, "require.cjs"),
});
