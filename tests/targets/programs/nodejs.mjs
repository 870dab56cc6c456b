import { createRequire } from "node:module";
import { poll } from "./poll.js";

const [built] = process.argv.slice(2);
const { ExtractaClient } = createRequire(import.meta.url)(`${built}/extracta_wasm.js`);
await poll(ExtractaClient);
