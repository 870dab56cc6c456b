// The entry point for browsers, Node, Deno and Bun: the wasm travels in this file and is compiled on first use.
// `cargo xtask build` adds ./generated: wasm-bindgen's glue, and the wasm, which the bundler turns into hexadecimal digits.
import * as glue from "./generated/glue.js";
import wasmInHex from "./generated/client.wasm";
import { bytesFromHex } from "./hex.js";

let loaded = false;

// Not at import: a page that never makes a client pays nothing, and bundlers may drop an import that goes unused.
function load() {
  if (loaded) return;
  glue.initSync({ module: bytesFromHex(wasmInHex) });
  loaded = true;
}

export class ExtractaClient extends glue.ExtractaClient {
  // Bundlers and minifiers rename classes; logs and error reports should not show that.
  static name = "ExtractaClient";

  constructor(options) {
    load();
    super(options);
  }
}

export { ExtractaError, isExtractaError } from "./generated/glue.js";
