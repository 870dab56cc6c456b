export * from "./index.js";

/** Where the wasm is: an address to fetch, an answer, bytes, a compiled module, or a promise of one. */
export type WasmSource = string | URL | Request | Response | BufferSource | WebAssembly.Module;

/**
 * Loads `extracta-wasm/extracta_wasm.wasm`, once; await it before making a client. Calls after the first change nothing; one
 * that failed may be tried again.
 */
export function init(source: WasmSource | Promise<WasmSource>): Promise<void>;
