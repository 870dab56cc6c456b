// The client class of an entry point. Entry points differ only in how the wasm reaches them.
import { instantiate } from "./instance.js";

// `wasm` gives the compiled module or its bytes, on first use, and again should the instance have stopped. Not at import: a
// page that never makes a client pays nothing, and bundlers may drop an import that goes unused.
export function clientClass(wasm) {
  let instance;
  return class {
    // Bundlers and minifiers rename classes; logs and error reports should not show that.
    static name = "ExtractaClient";

    static {
      this.prototype.free = this.prototype.close;
      if (Symbol.dispose) this.prototype[Symbol.dispose] = this.prototype.close;
    }

    // Of the instance that was there when it was made.
    #client;

    constructor(options) {
      if (!instance || instance.hasStopped()) instance = instantiate(wasm());
      this.#client = new instance.ExtractaClient(options);
    }

    getBatchResults(batch, options) {
      return promised(() => this.#client.getBatchResults(batch, options));
    }

    getClassificationResults(batch, options) {
      return promised(() => this.#client.getClassificationResults(batch, options));
    }

    pollUntilDone(batch, options) {
      return promised(() => this.#client.pollUntilDone(batch, options));
    }

    watch(batch, options) {
      return this.#client.watch(batch, options);
    }

    resume(snapshot, options) {
      return this.#client.resume(snapshot, options);
    }

    pollMany(jobs, options) {
      return this.#client.pollMany(jobs, options);
    }

    lanes() {
      return this.#client.lanes();
    }

    close() {
      this.#client.close();
    }
  };
}

// A call into an instance that has stopped throws.
function promised(call) {
  try {
    return call();
  } catch (error) {
    return Promise.reject(error);
  }
}
