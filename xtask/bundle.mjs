// Bundles the hand-written loader with the generated glue and the wasm, for `import` and for `require`.
// The wasm travels inside as text: of all ways to load it, this one works in every runtime without configuration.
import { build } from "esbuild";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

const [sources, dist, minified] = process.argv.slice(2);

// Hexadecimal digits, twice the bytes, are much smaller than base64 once compressed, as everything on the web is: base64
// shifts equal bytes to unequal letters, and what repeats no longer does.
const wasmAsHex = {
  name: "wasm as hex",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.wasm$/ }, async ({ path }) => ({
      contents: `export default "${(await readFile(path)).toString("hex")}";`,
    })),
};

const bundle = (outfile, options) =>
  build({
    entryPoints: [join(sources, "index.js")],
    outfile,
    absWorkingDir: sources, // The bundle names its parts in comments, relative to this.
    bundle: true,
    target: "es2022",
    platform: "neutral",
    format: "esm",
    plugins: [wasmAsHex],
    logLevel: "warning",
    ...options,
  });

await Promise.all([
  bundle(join(dist, "index.js"), {}),
  // Platform node adds nothing but the note by which Node's `import` sees the names that a CommonJS file exports.
  bundle(join(dist, "index.cjs"), { format: "cjs", platform: "node" }),
  bundle(minified, { minify: true }),
]);
