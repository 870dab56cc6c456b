// Node imports a .wasm file as bundlers do.
import { poll } from "./poll.js";

const [built] = process.argv.slice(2);
const { ExtractaClient } = await import(`${built}/extracta_wasm.js`);
await poll(ExtractaClient);
