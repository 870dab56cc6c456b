// Serves the Worker of www/worker on this machine: bundled by wrangler, run by workerd, configured by its wrangler.jsonc.
// Takes the folder with the packages of tests/consumers, one for what is built, and a port; with --scripted for the demo.
// EXTRACTA_API_KEY, EXTRACTA_BASE_URL and EXTRACTA_WEBHOOK_SECRET are what a deployment sets. What it stores goes with it. It ends
// when its standard input does.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { dryRun, modulesIn } from "./wrangler.mjs";

const [installed, outdir, port, ...flags] = process.argv.slice(2);
const { EXTRACTA_API_KEY, EXTRACTA_BASE_URL, EXTRACTA_WEBHOOK_SECRET } = process.env;
const folder = fileURLToPath(new URL("../www/worker/", import.meta.url));
const require = createRequire(join(installed, "package.json"));

const bundle = dryRun(installed, outdir);
// For the wrangler that is loaded below as well. Standard output is for the address alone.
Object.assign(process.env, bundle.env, { WRANGLER_LOG: "error" });

function run(...args) {
  const { status, error } = spawnSync(process.execPath, args, { cwd: folder, stdio: ["ignore", process.stderr, process.stderr] });
  if (status !== 0) throw new Error(`node ${args.join(" ")} failed`, { cause: error });
}

run(...bundle.args);
// wrangler made the files of a deployed page.
if (flags.includes("--scripted")) run("assets.mjs", "--scripted", new URL(EXTRACTA_BASE_URL).origin);

const { unstable_getMiniflareWorkerOptions: optionsFrom } = require("wrangler");
// wrangler still describes a Worker as the version before this miniflare does.
const { Miniflare, convertV4MiniflareOptions } = require("miniflare");
const { compatibilityDate, compatibilityFlags, assets, durableObjects, r2Buckets } = optionsFrom(join(folder, "wrangler.jsonc")).workerOptions;
const options = convertV4MiniflareOptions({
  compatibilityDate,
  compatibilityFlags,
  assets,
  durableObjects,
  r2Buckets,
  bindings: { EXTRACTA_API_KEY, EXTRACTA_BASE_URL, ...(EXTRACTA_WEBHOOK_SECRET && { EXTRACTA_WEBHOOK_SECRET }) },
  modulesRoot: outdir,
  modules: await modulesIn(outdir),
  host: "127.0.0.1",
  port: Number(port),
  // Made-up properties of a request: the real ones would be asked of a server elsewhere.
  cf: false,
});
const server = new Miniflare(options);
const { origin } = await server.ready;
console.log(`worker listening on ${origin}`);

const stop = async () => {
  await server.dispose();
  process.exit();
};
process.stdin.on("end", stop).resume();
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, stop);
