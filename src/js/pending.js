// The promises of the calls that run, by the calls' numbers. Out here, so that they can be ended when the wasm no longer can.
import { soon } from "./heard.js";

const pending = new Map();

// The promise of a call, which begins once the code that asked for it has run: it may yet want to end it.
export function begin(call, heard) {
  let entry;
  const promise = new Promise((resolve, reject) => (entry = { resolve, reject }));
  entry.promise = promise;
  pending.set(call, entry);
  soon(call, heard);
  return promise;
}

export function resolve(call, value) {
  take(call)?.resolve(value);
}

export function reject(call, error) {
  take(call)?.reject(error);
}

// Also of those promises that their caller never got: nobody would catch them.
export function rejectAll(error) {
  for (const [call, { promise }] of pending) {
    promise.catch(() => {});
    reject(call, error);
  }
}

function take(call) {
  const entry = pending.get(call);
  pending.delete(call);
  return entry;
}
