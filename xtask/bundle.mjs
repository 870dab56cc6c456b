// Bundles each hand-written entry point, with the generated glue where it uses that, for `import` and for `require`.
// In the default one the wasm travels inside, as text: of all ways to load it, this one works without configuration almost
// everywhere.
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

const bundle = (entry, outfile, options) =>
  build({
    entryPoints: [join(sources, entry)],
    outfile,
    absWorkingDir: sources, // The bundle names its parts in comments, relative to this.
    bundle: true,
    target: "es2022",
    platform: "neutral",
    format: "esm",
    plugins: [wasmAsHex],
    // Beside the bundle; the runtime or the bundler of the app brings it.
    external: ["./extracta_wasm.wasm", "./extracta_wasm.wasm?module"],
    logLevel: "warning",
    ...options,
  });
// Platform node adds nothing but the note by which Node's `import` sees the names that a CommonJS file exports.
const commonJs = { format: "cjs", platform: "node" };

await Promise.all([
  bundle("index.js", join(dist, "index.js"), {}),
  bundle("index.js", join(dist, "index.cjs"), commonJs),
  bundle("slim.js", join(dist, "slim.js"), {}),
  bundle("slim.js", join(dist, "slim.cjs"), commonJs),
  bundle("origin/index.js", join(dist, "origin.js"), {}),
  bundle("origin/index.js", join(dist, "origin.cjs"), commonJs),
  bundle("redis/index.js", join(dist, "redis.js"), {}),
  bundle("redis/index.js", join(dist, "redis.cjs"), commonJs),
  bundle("webhooks/index.js", join(dist, "webhooks.js"), {}),
  bundle("webhooks/index.js", join(dist, "webhooks.cjs"), commonJs),
  // Its client is the package's own, by its name: the app's bundler picks the entry for its platform.
  bundle("proxy/index.js", join(dist, "proxy.js"), { external: ["extracta-wasm"] }),
  bundle("proxy/index.js", join(dist, "proxy.cjs"), { ...commonJs, external: ["extracta-wasm"] }),
  bundle("testing/index.js", join(dist, "testing.js"), {}),
  bundle("testing/index.js", join(dist, "testing.cjs"), commonJs),
  // The client is the package's own, so that a Worker has it once; the rest is Cloudflare's.
  bundle("cloudflare/index.js", join(dist, "cloudflare.js"), { external: ["extracta-wasm", "cloudflare:workers"] }),
  bundle("workerd.js", join(dist, "workerd.js"), {}),
  bundle("edge-light.js", join(dist, "edge-light.js"), {}),
  bundle("index.js", join(minified, "index.js"), { minify: true }),
  bundle("slim.js", join(minified, "slim.js"), { minify: true }),
]);
