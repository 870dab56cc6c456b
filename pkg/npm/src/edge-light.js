// For Vercel's edge runtime, which compiles no bytes either and imports wasm under a name of its own.
import wasm from "./extracta_wasm.wasm?module";
import { clientClass } from "./client.js";

export const ExtractaClient = /* @__PURE__ */ clientClass(() => {
  // The local sandbox makes the module in another realm, and WebAssembly.Instance accepts only its own.
  if (!(wasm instanceof WebAssembly.Module)) Object.setPrototypeOf(wasm, WebAssembly.Module.prototype);
  return wasm;
});
export { ExtractaError, isExtractaError } from "./error.js";
export { isProcessed } from "./processed.js";
