// The entry point for browsers, Node, Deno and Bun: the wasm travels in this file and is compiled on first use.
// `cargo xtask build` adds ./generated: wasm-bindgen's glue, and the wasm, which the bundler turns into base64.
import * as glue from "./generated/glue.js";
import wasmInBase64 from "./generated/client.wasm";
import { bytesFromBase64 } from "./base64.js";

let loaded = false;

// Not at import: a page that never makes a client pays nothing, and bundlers may drop an import that goes unused.
function load() {
  if (loaded) return;
  glue.initSync({ module: bytesFromBase64(wasmInBase64) });
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
