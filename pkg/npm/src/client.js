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

    uploadFiles(target, files, options) {
      return promised(() => kept(this).uploadFiles(target, files, options));
    }

    extract(target, files, options) {
      return promised(() => kept(this).extract(target, files, options));
    }

    classify(target, files, options) {
      return promised(() => kept(this).classify(target, files, options));
    }

    watch(batch, options) {
      return watched(() => kept(this).watch(batch, options), this.watch);
    }

    resume(snapshot, options) {
      return watched(() => kept(this).resume(snapshot, options), this.resume);
    }

    pollMany(jobs, options) {
      const caller = callerOf();
      const polls = held(kept(this).pollMany(jobs, options));
      const { next } = polls;
      const step = async () => {
        try {
          const step = await next.call(polls);
          if (step.value) calledBy(step.value.error, caller);
          return step;
        } catch (error) {
          throw calledBy(error, caller);
        }
      };
      // Configurable, or proxies would have to give just these.
      const own = (value) => ({ value, configurable: true });
      return Object.defineProperties(polls, { next: own(step), [Symbol.asyncIterator]: own(() => polls) });
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

// The call's promise, whose error has the lines of the caller for a stack. Not an async function, which would hold half a kilobyte
// more for as long as the call lasts.
function promised(call) {
  const caller = new Error();
  const failed = (error) => {
    // After a fault of ours nobody may be left to catch it.
    if (isExtractaError(error, "CLOSED") && error.cause) promise?.catch(() => {});
    throw calledBy(error, caller);
  };
  let promise;
  try {
    promise = call().then(undefined, failed);
  } catch (error) {
    promise = Promise.reject(calledBy(error, caller));
  }
  return promise;
}

// The watch. The error of its result, which is also that of its loops, has the lines of the caller before anybody else sees it.
function watched(call, method) {
  try {
    const watch = held(call());
    const caller = new Error();
    watch.result.catch((error) => calledBy(error, caller));
    return watch;
  } catch (error) {
    throw calledAt(error, method);
  }
}

// Who called, before that is forgotten: once the error is there, only an `await` would still know. The lines are put together when
// they are asked for, and the first two are of this file. V8 makes an error's lines in a tenth of the time that it takes to capture
// them for an object.
const OWN_LINES = 2;

// For methods that have no function of this file between themselves and the error.
function callerOf() {
  return new Error();
}

// An error of ours with the lines of the caller for a stack.
function calledBy(error, caller) {
  const { stack } = caller;
  if (typeof stack !== "string" || !isExtractaError(error)) return error;
  const lines = stack.split("\n");
  // V8's has the kind of the error before the lines; others have the lines alone.
  const first = lines.findIndex((line) => /^ +at /.test(line));
  if (first >= 0) error.stack = [`${error.name}: ${error.message}`, ...lines.slice(first + OWN_LINES)].join("\n");
  else if (stack.includes("@")) error.stack = lines.slice(OWN_LINES).join("\n");
  return error;
}

// An error of ours with the lines below `method` for a stack. What the caller's functions threw is left as it is.
function calledAt(error, method) {
  if (isExtractaError(error)) Error.captureStackTrace?.(error, method);
  return error;
}
