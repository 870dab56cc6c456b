import { poll } from "./poll.js";

const { ExtractaClient } = await import(`${Deno.args[0]}/extracta_wasm.js`);
await poll(ExtractaClient);
