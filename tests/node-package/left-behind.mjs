// What calls may leave behind: timers, listeners, memory of the wasm and of JavaScript. Import this before the package, whose
// instances it has to see being made.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const instances = [];
WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(target, parameters) {
    const instance = Reflect.construct(target, parameters);
    instances.push(instance);
    return instance;
  },
});

/** The size of the wasm's memory. It only ever grows. */
export function wasmBytes() {
  const memories = instances.flatMap(({ exports }) => Object.values(exports).filter((value) => value instanceof WebAssembly.Memory));
  assert.equal(memories.length, 1, "the package makes one instance with one memory");
  return memories[0].buffer.byteLength;
}

export function abortListeners(signal) {
  return getEventListeners(signal, "abort").length;
}

/** Timers that keep the process alive. */
export function pendingTimers() {
  return process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
}

/** The heap once everything unreachable is gone: what finalizers let go of, too. */
export async function heapBytes() {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  for (let round = 0; round < 4; round += 1) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}
