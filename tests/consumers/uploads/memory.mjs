// Uploads far more than it may hold, from a stream, and prints the most memory that the process took meanwhile beyond what it had.
import { ExtractaClient } from "extracta-wasm";

const [baseUrl, token, megabytes] = globalThis.Deno?.args ?? process.argv.slice(2);
const rss = () => (globalThis.Deno ?? process).memoryUsage().rss / 1e6;
const client = new ExtractaClient({ baseUrl, token });
const upload = (count) => client.uploadFiles({ extractionId: "stream" }, { name: "a.pdf", data: chunks(count) });

let most = 0;
async function* chunks(count) {
  for (let n = 0; n < count; n++) {
    most = Math.max(most, rss());
    yield new Uint8Array(100_000).fill(n);
  }
}

// What the first upload brings along is no part of it.
await upload(100);
const before = rss();
most = 0;
await upload(10 * Number(megabytes));
console.log(JSON.stringify({ grownMb: Math.round(most - before) }));
