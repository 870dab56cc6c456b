// Gives the wasm's imports and exports names of a letter or two, in the wasm and in the glue it pairs with.
// wasm-bindgen's own end in a hash each, which does not compress, and stand in both files.
import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";

const [wasmOpt, wasm, glue, ...features] = process.argv.slice(2);

const pass = "--minify-imports-and-exports-and-modules";
const { imports, exports } = JSON.parse(
  execFileSync(process.execPath, [wasmOpt, ...features, pass, wasm, "-o", wasm], { encoding: "utf8" }),
);
let code = await readFile(glue, "utf8");

// What takes and gives nothing but JavaScript values comes straight from our own modules, which the glue lists once for each
// function: it joins the glue's own, as all modules have become one.
const glueModule = imports.find(([module]) => module.endsWith("_bg.js"))[0];
const [own, direct] = [true, false].map((isOwn) => imports.filter(([module]) => (module === glueModule) === isOwn));
for (const module of new Set(direct.map(([module]) => module))) {
  const line = new RegExp(`^ {8}${escaped(JSON.stringify(module))}: (import\\d+),\n`, "gm");
  const [, namespace] = line.exec(code) ?? [];
  if (!namespace) throw new Error(`The glue does not provide ${module}: does it look different now?`);
  const functions = direct.filter(([from]) => from === module).map(([, long, short]) => `"${short}": ${namespace}.${long},`);
  code = code.replace(line, "").replace("const import0 = {", (start) => [start, ...functions].join("\n"));
}

// The one module that is left, and what the glue lists for it as `        name: function(…) {`.
rename(/(?<=^ {8})"[^"]+"(?=: import0,$)/gm, new Map([[JSON.stringify(glueModule), "a"]]));
rename(/(?<=^ {8})\w+(?=: function)/gm, new Map(own.map(([, long, short]) => [long, short])));
// The exports, which it uses as `wasm.name`. Some are for tools only.
code = code.replace(/(?<=\bwasm)\.(\w+)/g, (use, name) => {
  const found = exports.find(([long]) => long === name);
  if (!found) throw new Error(`The glue uses ${use}, which the wasm does not export.`);
  return `[${JSON.stringify(found[1])}]`;
});
await writeFile(glue, code);

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function rename(pattern, names) {
  const renamed = new Set();
  code = code.replace(pattern, (name) => {
    if (!names.has(name)) return name;
    renamed.add(name);
    return JSON.stringify(names.get(name));
  });
  const missing = [...names.keys()].filter((name) => !renamed.has(name));
  if (missing.length > 0) throw new Error(`The glue does not provide ${missing.join(", ")}: does it look different now?`);
}
