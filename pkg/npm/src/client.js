// The client class of an entry point. Entry points differ only in how the wasm reaches them.
import { isExtractaError } from "./error.js";
import { instantiate } from "./instance.js";

// `wasm` gives the compiled module or its bytes, on first use, and again should the instance have stopped. Not at import: a
// page that never makes a client pays nothing, and bundlers may drop an import that goes unused.
export function clientClass(wasm) {
  let instance;
  return class Client {
    // Bundlers and minifiers rename classes; logs and error reports should not show that.
    static name = "ExtractaClient";

    static {
      this.prototype.free = this.prototype.close;
      if (Symbol.dispose) this.prototype[Symbol.dispose] = this.prototype.close;
    }

    // Of the instance that was there when it was made.
    #client;

    constructor(options) {
      try {
        if (!instance || instance.hasStopped()) instance = instantiate(wasm());
        this.#client = new instance.ExtractaClient(options);
      } catch (error) {
        throw calledAt(error, Client);
      }
    }

    async getBatchResults(batch, options) {
      try {
        return await this.#client.getBatchResults(batch, options);
      } catch (error) {
        throw calledAt(error, this.getBatchResults);
      }
    }

    async getClassificationResults(batch, options) {
      try {
        return await this.#client.getClassificationResults(batch, options);
      } catch (error) {
        throw calledAt(error, this.getClassificationResults);
      }
    }

    async pollUntilDone(batch, options) {
      try {
        return await this.#client.pollUntilDone(batch, options);
      } catch (error) {
        throw calledAt(error, this.pollUntilDone);
      }
    }

    watch(batch, options) {
      try {
        return this.#client.watch(batch, options);
      } catch (error) {
        throw calledAt(error, this.watch);
      }
    }

    resume(snapshot, options) {
      try {
        return this.#client.resume(snapshot, options);
      } catch (error) {
        throw calledAt(error, this.resume);
      }
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

// An error of ours with the caller's lines for a stack: those below `method`, or, where the call was awaited, of who awaited it.
// Only once there is an error, so calls cost nothing more. What the caller's functions threw is left as it is.
function calledAt(error, method) {
  if (isExtractaError(error)) Error.captureStackTrace?.(error, method);
  return error;
}
