// Bundles of what runs elsewhere, by the esbuild that xtask/package.json brings.
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const { build } = createRequire(new URL("../xtask/package.json", import.meta.url))("esbuild");

/** Bundles modules, of which those that lie in the app find the package there. `entries` are paths from here, by the name that they get. */
export function bundle(app, outdir, entries, options = {}) {
  const entryPoints = Object.entries(entries).map(([out, path]) => ({ out, in: path.startsWith("/") ? path : fileURLToPath(new URL(path, import.meta.url)) }));
  return build({
    entryPoints,
    outdir,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    nodePaths: [join(app, "node_modules")],
    logLevel: "error",
    ...options,
  });
}
