// Cloudflare Workers: bundled by wrangler as it is before a deployment, run by workerd, the runtime that Cloudflare runs.
import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { dryRun } from "../../../xtask/wrangler.mjs";
import { freshApp } from "./app.mjs";
import { Missing, consumer } from "./consumer.mjs";
import { assertPolledToTheEnd, baseUrl, newToken } from "./poll.mjs";
import { run, start } from "./program.mjs";
import { node } from "./runtimes.mjs";
import { installed, scratch, versionOf } from "./settings.mjs";

/** Which behaviours of the runtime a Worker asks for: today's, and those of one that nobody has touched for two years. */
const [NEW, OLD] = ["2026-11-01", "2024-11-01"];

const answers = (script, compatibilityDate) => async (t) => {
  const token = newToken();
  const app = await freshApp(t, "workers");
  const modules = await bundle(t, app, script, compatibilityDate);
  const config = join(app, "out", "config.capnp");
  await writeFile(config, workerdConfig(modules, compatibilityDate, { EXTRACTA_URL: baseUrl, EXTRACTA_API_KEY: token }));
  // It tells the port it was given on a pipe of its own.
  const worker = start(t, await workerd(), ["serve", config, "--control-fd=1"], {});
  const [, port] = await worker.until(/"event":"listen".*?"port":(\d+)/);
  const response = await fetch(`http://127.0.0.1:${port}/`);
  const text = await response.text();
  assert.equal(response.status, 200, text);
  await assertPolledToTheEnd(text, token);
};

async function bundle(t, app, script, compatibilityDate) {
  const { args, env } = dryRun(scratch, "out", [script, "--name=app", `--compatibility-date=${compatibilityDate}`]);
  await run(t, node(24), args, { cwd: app, env });
  return (await readdir(join(app, "out"))).filter((file) => /\.(js|wasm)$/.test(file));
}

function workerdConfig(modules, compatibilityDate, bindings) {
  const text = JSON.stringify;
  const kind = (file) => (file.endsWith(".wasm") ? "wasm" : "esModule");
  // The first module is the Worker.
  const listed = modules.sort((a, b) => kind(a).localeCompare(kind(b)));
  return `
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "app", worker = (
      compatibilityDate = ${text(compatibilityDate)},
      modules = [${listed.map((file) => `(name = ${text(file)}, ${kind(file)} = embed ${text(file)})`)}],
      bindings = [${Object.entries(bindings).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`)}],
      globalOutbound = "this machine",
    )),
    (name = "this machine", network = (allow = ["local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "app")],
);
`;
}

async function workerd() {
  for (const platform of await readdir(installed("@cloudflare")).catch(() => [])) {
    if (platform.startsWith("workerd-")) return installed("@cloudflare", platform, "bin", process.platform === "win32" ? "workerd.exe" : "workerd");
  }
  throw new Missing(`npm offers no workerd for ${process.platform} ${process.arch}`);
}

consumer("workerd, bundled by wrangler", () => `${versionOf("workerd")}, ${versionOf("wrangler")}`, {
  [`client at module scope, ${NEW}`]: answers("module-scope.js", NEW),
  [`client at module scope, ${OLD}`]: answers("module-scope.js", OLD),
  [`client in the handler, ${NEW}`]: answers("handler.js", NEW),
  [`client in the handler, ${OLD}`]: answers("handler.js", OLD),
  [`slim with the .wasm file, ${NEW}`]: answers("slim.js", NEW),
});
