// wrangler, asked to bundle a Worker as it does before a deployment, and to deploy nothing.
import { readdir } from "node:fs/promises";
import { join } from "node:path";

/**
 * Arguments for Node and its environment. `installed` is the folder into which tests/consumers/package.json was installed;
 * `more` says what to bundle, if not what the wrangler.jsonc of the folder says. wrangler needs Node 22.
 */
export function dryRun(installed, outdir, more = []) {
  const wrangler = join(installed, "node_modules", "wrangler", "wrangler-dist", "cli.js");
  return {
    args: ["--no-warnings", wrangler, "deploy", ...more, "--dry-run", `--outdir=${outdir}`],
    // What it would keep in the home folder, it keeps in ours.
    env: { WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true", XDG_CONFIG_HOME: join(installed, "wrangler") },
  };
}

/** What it bundled of a worker.js, or of another script, as miniflare takes it: the Worker first, and the wasm beside it. */
export async function modulesIn(outdir, main = "worker.js") {
  const wasm = (await readdir(outdir)).filter((file) => file.endsWith(".wasm"));
  return [
    { type: "ESModule", path: join(outdir, main) },
    ...wasm.map((file) => ({ type: "CompiledWasm", path: join(outdir, file) })),
  ];
}
