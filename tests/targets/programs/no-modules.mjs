// A classic script, in a global scope of its own that has no more than a page or a worker has.
import { readFile } from "node:fs/promises";
import { createContext, runInContext } from "node:vm";
import { poll } from "./poll.js";

const [built] = process.argv.slice(2);
const { AbortController, AbortSignal, Headers, Response, TextDecoder, TextEncoder, URL, clearTimeout, performance, setTimeout } = globalThis;
const scope = createContext({ AbortController, AbortSignal, Headers, Response, TextDecoder, TextEncoder, URL, clearTimeout, performance, setTimeout });
runInContext(await readFile(`${built}/extracta_wasm.js`, "utf8"), scope);
// The options are an object of that scope too, as wasm-bindgen expects.
const load = runInContext("(bytes) => wasm_bindgen({ module_or_path: bytes })", scope);
await load(await readFile(`${built}/extracta_wasm_bg.wasm`));
await poll(runInContext("wasm_bindgen.ExtractaClient", scope));
