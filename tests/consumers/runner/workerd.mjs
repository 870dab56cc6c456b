// A Cloudflare Worker: bundled by wrangler as it is before a deployment, run by workerd, the runtime that Cloudflare runs.
import { readdir, writeFile } from "node:fs/promises";
import { join, parse } from "node:path";
import { dryRun } from "../../../xtask/wrangler.mjs";
import { run, start } from "./program.mjs";
import { node, workerd } from "./programs.mjs";
import { scratch } from "./settings.mjs";

/** Runs a script of the app until the test ends; gives its address. `bindings` are texts it finds in `env`. */
export async function serveWorker(t, app, script, { compatibilityDate, bindings }) {
  return startWorker(t, await buildWorker(t, app, script, { compatibilityDate, bindings }));
}

/** Bundles a script of the app; gives what `startWorker` takes. */
export async function buildWorker(t, app, script, { compatibilityDate, compatibilityFlags = [], bindings = {} }) {
  const modules = await bundle(t, app, script, compatibilityDate);
  const config = join(app, "out", "config.capnp");
  await writeFile(config, workerdConfig(modules, `${parse(script).name}.js`, { compatibilityDate, compatibilityFlags, bindings }));
  return config;
}

/** Runs a Worker that was built until the test ends; gives its address. */
export async function startWorker(t, config) {
  // It reports the port it was given on a pipe of its own.
  const worker = start(t, await workerd(), ["serve", config, "--control-fd=1"], {});
  const [, port] = await worker.until(/"event":"listen".*?"port":(\d+)/);
  return `http://127.0.0.1:${port}/`;
}

/** Runs the modules of a folder, which some other tool bundled, until the test ends; gives the address. */
export async function startModules(t, folder, main, { bindings = {}, compatibilityFlags = [] } = {}) {
  const files = (await readdir(folder, { recursive: true })).filter((file) => /\.(m?js|wasm)$/.test(file));
  const config = join(folder, "config.capnp");
  await writeFile(config, workerdConfig(files, main, { compatibilityDate: "2026-11-01", compatibilityFlags, bindings }));
  return startWorker(t, config);
}

async function bundle(t, app, script, compatibilityDate) {
  const { args, env } = dryRun(scratch, "out", [script, "--name=app", `--compatibility-date=${compatibilityDate}`]);
  await run(t, node(24), args, { cwd: app, env });
  return (await readdir(join(app, "out"))).filter((file) => /\.(js|wasm)$/.test(file));
}

function workerdConfig(modules, main, { compatibilityDate, compatibilityFlags = [], bindings }) {
  const text = JSON.stringify;
  const kind = (file) => (file.endsWith(".wasm") ? "wasm" : "esModule");
  // The first module is the Worker.
  const listed = [main, ...modules.filter((file) => file !== main)];
  return `
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "app", worker = (
      compatibilityDate = ${text(compatibilityDate)},
      compatibilityFlags = ${text(compatibilityFlags)},
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
