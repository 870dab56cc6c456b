import { ExtractaClient } from "extracta-wasm";
import { run } from "./run.js";

const [baseUrl, token] = globalThis.Deno?.args ?? process.argv.slice(2);
console.log(await run(ExtractaClient, baseUrl, token));
