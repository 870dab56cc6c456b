// Prints what each way of using the package downloads, and what others do, all bundled alike; fails above the budget. With
// `--json` it prints the same for programs and judges nothing.
import { build } from "esbuild";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

/** The most that a browser may have to download, in bytes after brotli -11: a little more than it was when last looked at. */
const BUDGETS = { "extracta-wasm": 90_000, "extracta-wasm/slim and its .wasm": 85_000 };

const [wasm, index, slim, format] = process.argv.slice(2);

const bundled = async (peer) => {
  const entryPoints = [fileURLToPath(new URL(`peers/${peer}.js`, import.meta.url))];
  const options = { bundle: true, minify: true, target: "es2022", format: "esm", platform: "browser", write: false };
  const { outputFiles } = await build({ entryPoints, ...options });
  return outputFiles[0].contents;
};

const version = async (name) => JSON.parse(await readFile(new URL(`node_modules/${name}/package.json`, import.meta.url), "utf8")).version;

const downloads = {
  "extracta-wasm": [await readFile(index)],
  "extracta-wasm/slim and its .wasm": [await readFile(slim), await readFile(wasm)],
  [`axios ${await version("axios")}, one request`]: [await bundled("axios")],
  [`ky ${await version("ky")}, one request`]: [await bundled("ky")],
  "a loop by hand": [await bundled("loop")],
};

const sizes = {};
for (const [name, files] of Object.entries(downloads)) {
  const sum = (size) => files.reduce((total, file) => total + size(file), 0);
  sizes[name] = {
    bytes: sum((file) => file.length),
    gzip: sum((file) => gzipSync(file, { level: 9 }).length),
    brotli: sum((file) => brotliCompressSync(file).length),
  };
}

if (format === "--json") console.log(JSON.stringify(sizes));
else printAndJudge();

function printAndJudge() {
  const row = (name, ...columns) => console.log(name.padEnd(34) + columns.map((column) => String(column).padStart(11)).join(""));
  row("", "bytes", "gzip -9", "brotli -11");
  for (const [name, { bytes, gzip, brotli }] of Object.entries(sizes)) {
    row(name, bytes, gzip, brotli);
    if (brotli > BUDGETS[name]) {
      console.error(`${name} is above its budget of ${BUDGETS[name]} bytes.`);
      process.exitCode = 1;
    }
  }
}
