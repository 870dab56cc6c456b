// Bundles the hand-written loader with the generated glue and the wasm, for `import` and for `require`.
// The wasm travels inside as base64: of all ways to load it, this one works in every runtime without configuration.
import { build } from "esbuild";
import { join } from "node:path";

const [sources, dist, minified] = process.argv.slice(2);

const bundle = (outfile, options) =>
  build({
    entryPoints: [join(sources, "index.js")],
    outfile,
    absWorkingDir: sources, // The bundle names its parts in comments, relative to this.
    bundle: true,
    target: "es2022",
    platform: "neutral",
    format: "esm",
    loader: { ".wasm": "base64" },
    logLevel: "warning",
    ...options,
  });

await Promise.all([
  bundle(join(dist, "index.js"), {}),
  // Platform node adds nothing but the note by which Node's `import` sees the names that a CommonJS file exports.
  bundle(join(dist, "index.cjs"), { format: "cjs", platform: "node" }),
  bundle(minified, { minify: true }),
]);
