// For browsers, Node, Deno, Bun and all else: the wasm travels in this file and is compiled on first use.
// `cargo xtask build` adds ./generated: wasm-bindgen's glue, and the wasm, which the bundler turns into hexadecimal digits.
import wasmAsHex from "./generated/client.wasm";
import { clientClass } from "./client.js";
import { bytesFromHex } from "./hex.js";

export const ExtractaClient = /* @__PURE__ */ clientClass(() => bytesFromHex(wasmAsHex));
export { ExtractaError, isExtractaError } from "./error.js";
export { isProcessed } from "./processed.js";
