// The client class of an entry point. Entry points differ only in how the wasm reaches them.
import * as glue from "./generated/glue.js";

// `wasm` gives the compiled module or its bytes, once, on first use. Not at import: a page that never makes a client pays
// nothing, and bundlers may drop an import that goes unused.
export function clientClass(wasm) {
  let loaded = false;
  return class extends glue.ExtractaClient {
    // Bundlers and minifiers rename classes; logs and error reports should not show that.
    static name = "ExtractaClient";

    // wasm-bindgen wires both to freeing the object, which leaves calls running and the object unusable.
    static {
      this.prototype.free = this.prototype.close;
      if (Symbol.dispose) this.prototype[Symbol.dispose] = this.prototype.close;
    }

    constructor(options) {
      if (!loaded) glue.initSync({ module: wasm() });
      loaded = true;
      super(options);
    }
  };
}
