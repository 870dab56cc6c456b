import { readFile } from "node:fs/promises";
import { poll } from "./poll.js";

const [built] = process.argv.slice(2);
const { default: init, ExtractaClient } = await import(`${built}/extracta_wasm.js`);
await init({ module_or_path: await readFile(`${built}/extracta_wasm_bg.wasm`) });
await poll(ExtractaClient);
