// One instance of the wasm, and its end should it trap: calls that wait for it are rejected, and it is never entered again.
import { ExtractaError, glue, rejectPending } from "./generated/glue.js";

export function instantiate(source) {
  const { ExtractaClient, imports, start, asked } = glue();
  const module = ArrayBuffer.isView(source) ? new WebAssembly.Module(source) : source;
  const { exports } = new WebAssembly.Instance(module, imports);
  let fault;
  let depth = 0;

  // The error of every call from now on. What waits is told once, before the next instance has calls of its own.
  const stopped = () => {
    const message = "The client stopped by a fault of its own: make a new one and start again.";
    const error = new ExtractaError(message, { code: "CLOSED", retryable: false }, fault.error);
    if (!fault.isTold) rejectPending(error);
    fault.isTold = true;
    return error;
  };

  // Whatever is thrown through the wasm skipped its cleaning up: a trap, a stack that overflowed, or anything else.
  const guarded = (run, isAsked) => (...values) => {
    depth++;
    try {
      if (!fault) return run(...values);
    } catch (error) {
      fault ??= { error }; // No call before this: there may be no room left for one.
    } finally {
      depth--;
    }
    const error = stopped();
    // Who asked is told, and what runs further down the stack must not go on. A timer's or a promise's callback is silent:
    // there nobody would catch it.
    if (isAsked || depth > 0) throw error;
    return [];
  };

  const guardedExports = Object.entries(exports).map(([name, value]) => [
    name,
    typeof value === "function" ? guarded(value, asked.includes(name)) : value,
  ]);
  start(Object.fromEntries(guardedExports));
  return { ExtractaClient, hasStopped: () => fault && stopped() };
}
