// The client class of an entry point. Entry points differ only in how the wasm reaches them.
import { isExtractaError } from "./error.js";
import { instantiate } from "./instance.js";
import { keep, kept } from "./kept.js";

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

    constructor(options) {
      try {
        if (!instance || instance.hasStopped()) instance = instantiate(wasm());
        // Of this instance for good, whatever comes after it.
        keep(this, new instance.ExtractaClient(options));
      } catch (error) {
        throw calledAt(error, Client);
      }
    }

    getBatchResults(batch, options) {
      return promised(() => kept(this).getBatchResults(batch, options));
    }

    getClassificationResults(batch, options) {
      return promised(() => kept(this).getClassificationResults(batch, options));
    }

    pollUntilDone(batch, options) {
      return promised(() => kept(this).pollUntilDone(batch, options));
    }

    watch(batch, options) {
      try {
        return held(kept(this).watch(batch, options));
      } catch (error) {
        throw calledAt(error, this.watch);
      }
    }

    resume(snapshot, options) {
      try {
        return held(kept(this).resume(snapshot, options));
      } catch (error) {
        throw calledAt(error, this.resume);
      }
    }

    pollMany(jobs, options) {
      return held(kept(this).pollMany(jobs, options));
    }

    lanes() {
      return kept(this).lanes();
    }

    close() {
      kept(this).close();
    }
  };
}

// What the wasm made, which lives for as long as a copy of it does.
function held(object) {
  return keep(object, object);
}

// The call's promise, whose error has the lines of whoever awaits it for a stack. Only an error costs that.
function promised(call) {
  let promise;
  const run = async () => {
    try {
      return await call();
    } catch (error) {
      // After a fault of ours nobody may be left to catch it.
      if (isExtractaError(error, "CLOSED") && error.cause) promise?.catch(() => {});
      throw calledAt(error, run);
    }
  };
  promise = run();
  return promise;
}

// An error of ours with the lines below `method` for a stack. What the caller's functions threw is left as it is.
function calledAt(error, method) {
  if (isExtractaError(error)) Error.captureStackTrace?.(error, method);
  return error;
}
