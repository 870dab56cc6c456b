// For Cloudflare Workers, which refuse to compile wasm from bytes: there, importing a .wasm file gives a compiled module.
import wasm from "./extracta_wasm.wasm";
import { clientClass } from "./client.js";

export const ExtractaClient = /* @__PURE__ */ clientClass(() => wasm);
export { ExtractaError, isExtractaError } from "./error.js";
export { isProcessed } from "./processed.js";
