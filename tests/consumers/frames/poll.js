import { ExtractaClient } from "/node_modules/extracta-wasm/dist/index.js";

// Told to the page that holds this, which may be this one itself.
const tell = globalThis.top ? (text) => top.postMessage(text, "*") : postMessage;
const client = new ExtractaClient({ baseUrl: "api/v1" });
const { done } = await client.pollUntilDone({ extractionId: "invoices", batchId: "march" });
tell(done);
