import type { PlatformURL } from "./index.js";

export * from "./index.js";

/** Where the wasm is: an address to fetch, an answer, bytes, a compiled module, or a promise of one. */
export type WasmSource =
  | string
  | PlatformURL
  | ArrayBuffer
  | ArrayBufferView
  | (typeof globalThis extends { Request: { prototype: infer T } } ? T : never)
  | (typeof globalThis extends { Response: { prototype: infer T } } ? T : never)
  | WasmModule;

/**
 * Loads `extracta-wasm/extracta_wasm.wasm`, once; await it before making a client. Calls after the first change nothing; one
 * that failed may be tried again.
 */
export function init(source: WasmSource | Promise<WasmSource>): Promise<void>;

/** The platform's `WebAssembly.Module`, where the program's types have it. */
export type WasmModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer T } } } ? T : object;
