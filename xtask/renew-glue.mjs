// Turns wasm-bindgen's glue, which serves one instance of the wasm for good, into a function that makes glue for one: the
// client must be able to go on with a new instance when one has trapped. What belongs to the old one, its timers, listeners
// and finalizers, then still finds the old one's state, never the new one's. Its loader goes: ours is in pkg/npm/src.
import { readFile, writeFile } from "node:fs/promises";

const [glue] = process.argv.slice(2);

const code = await readFile(glue, "utf8");
const [, body, loader] = parts(/^([^]*?)(^let wasmModule, wasmInstance, wasm;\n[^]*)$/m, code);
const [, start] = parts(/^ {4}wasm\["([^"]+)"\]\(\);$/m, loader);

// What the module imports and passes on belongs to no instance.
const shared = [];
const own = body.replace(/^(?:import .*|export \{.*\};?)\n/gm, (line) => {
  shared.push(line);
  return "";
});
// The methods that answer or throw, which the glue's classes hold.
const [, classes] = parts(/^([^]*?)^function __wbg_get_imports\(/m, own);
const asked = [...classes.matchAll(/const ret = wasm\["([^"]+)"\]\(/g)].map(([, name]) => name);
if (asked.length === 0) throw new Error("No method of the glue's classes answers: does it look different now?");

await writeFile(
  glue,
  `${shared.join("")}
export function glue() {
let wasm;
${own.replace(/^export (?=class )/gm, "")}
return {
    ExtractaClient,
    imports: __wbg_get_imports(),
    asked: ${JSON.stringify(asked)},
    start(exports) {
        wasm = exports;
        wasm["${start}"]();
    },
};
}
`,
);

function parts(pattern, text) {
  const found = pattern.exec(text);
  if (!found) throw new Error(`The glue has nothing like ${pattern}: does it look different now?`);
  return found;
}
