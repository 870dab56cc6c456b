// One instance of the wasm, and its end should it trap: calls that wait for it are rejected, and it is never entered again.
import { ExtractaError } from "./error.js";
import { makeGlue } from "./generated/glue.js";
import { assertSupported, refused } from "./support.js";
import { Utf8Decoder, Utf8Encoder } from "./text.js";

export function instantiate(source) {
  assertSupported();
  let fault;
  let depth = 0;
  let pending;

  // The error of every call from now on. What waits gets it once, before the next instance has calls of its own.
  const stopped = () => {
    const message = "The client stopped by a fault of its own: make a new one and start again.";
    const error = new ExtractaError(message, { code: "CLOSED", retryable: false }, fault.error);
    for (const [promise, reject] of pending ?? []) {
      // Also of those promises that their caller never got: nobody would catch them.
      promise.catch(() => {});
      reject(error);
    }
    pending = undefined;
    return error;
  };

  // The wasm's own functions. Looked up at each call, so that no engine compiles one of them into its caller: V8 11 (Node 20) ends
  // the process when it has to undo that during a call that gives a JavaScript value ("unreachable code" in its deoptimizer).
  const functions = new Map();

  // Whatever is thrown through the wasm skipped its cleaning up: a trap, a stack that overflowed, or anything else.
  const guarded = (name, isFromCaller) => (...values) => {
    depth++;
    try {
      if (!fault) return functions.get(name)(...values);
    } catch (error) {
      fault ??= { error }; // No call before this: there may be no room left for one.
    } finally {
      depth--;
    }
    const error = stopped();
    // The caller gets the error, and what runs further down the stack must not go on. A timer's or a promise's callback is silent:
    // there nobody would catch it.
    if (isFromCaller || depth > 0) throw error;
    return [];
  };

  // What wasm-bindgen's glue takes for the platform's, so that all its ways into the instance are guarded. The glue itself is
  // made anew for each instance: what belongs to an old one, its timers, listeners and finalizers, finds the old one's state.
  function Instance(module, imports) {
    const { exports } = new WebAssembly.Instance(module, imports);
    const guards = {};
    for (const [name, value] of Object.entries(exports)) {
      if (typeof value === "function") functions.set(name, value);
      guards[name] = typeof value === "function" ? guarded(name, glue.methods.includes(name)) : value;
    }
    return { exports: guards };
  }
  const { TextDecoder = Utf8Decoder, TextEncoder = Utf8Encoder } = globalThis;
  const glue = makeGlue({ Module: WebAssembly.Module, Instance }, TextDecoder, TextEncoder);
  try {
    const module = ArrayBuffer.isView(source) ? new WebAssembly.Module(source) : source;
    glue.initSync({ module });
  } catch (error) {
    throw refused(error);
  }
  pending = glue.pending();
  return { ExtractaClient: glue.ExtractaClient, hasStopped: () => fault && stopped() };
}
