// Wraps wasm-bindgen's glue into a function that makes glue for one instance of the wasm: as it is, it serves one for good, and
// the client must be able to go on with a new instance when one has trapped. The bundler does it, by options of its own.
// The function's parameters stand for the globals of their names.
//
// On the way the names that glue and wasm know each other by are shortened: they end in a hash each, which does not compress, and
// stand in both files. wasm-opt renames them in the wasm and says how; the bundler does the same in the glue.
import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

const [folder, wasm, wasmOpt, ...features] = process.argv.slice(2);

const exported = WebAssembly.Module.exports(new WebAssembly.Module(await readFile(wasm))).map(({ name }) => name);
const pass = "--minify-imports-and-exports-and-modules";
const renaming = execFileSync(process.execPath, [wasmOpt, ...features, pass, wasm, "-o", wasm], { encoding: "utf8" });

// What answers callers, rather than the platform or the glue. Of these three nobody expects an answer.
const silent = ["extractaclient_close", "watch_nudge", "watch_cancel"];
const methods = exported.filter((name) => !/^(__|wasm_bindgen__)/.test(name) && !silent.includes(name));
for (const name of silent) if (!exported.includes(name)) throw new Error(`The wasm has no ${name}: is it called differently now?`);

await build({
  stdin: {
    // Not by exports: how the bundler makes an object of these, members that a page has added to all objects are in the way.
    contents: `
      import { ExtractaClient, initSync, pendingPromises } from "./bindings.js";
      glue = { ExtractaClient, initSync, pending: pendingPromises, methods: Object.keys({ ${methods.map((name) => `${name}: 0`)} }) };`,
    resolveDir: folder,
  },
  outfile: join(folder, "glue.js"),
  bundle: true,
  format: "iife",
  target: "es2022",
  banner: { js: "export function makeGlue(WebAssembly, TextDecoder, TextEncoder) {\nlet glue;" },
  footer: { js: "return glue;\n}" },
  logLevel: "warning",
  ...shortened(JSON.parse(renaming)),
});

function shortened({ imports, exports }) {
  // All imports come from one module, whose name is shortened as well.
  const modules = [...new Set(imports.map(([module]) => module))];
  if (modules.length !== 1) throw new Error(`The wasm imports from ${modules.join(", ")}, not from its glue alone.`);
  const names = [[modules[0], "a"], ...imports.map(([, long, short]) => [long, short]), ...exports];
  const any = names.map(([long]) => long.replace(/[^\w]/g, "\\$&")).join("|");
  return { mangleCache: Object.fromEntries(names), mangleProps: new RegExp(`^(?:${any})$`), mangleQuoted: true };
}
