// What calls wait for, told to the wasm. `heard(call, wait, what, value)` is one function of it for all, as each that it makes
// costs.

const [FULFILLED, REJECTED, OVER, ABORTED] = [0, 1, 2, 3];

export function whenSettled(promise, call, wait, heard) {
  promise.then(
    (value) => heard(call, wait, FULFILLED, value),
    (error) => heard(call, wait, REJECTED, error),
  );
}

export function whenOver(delayMs, call, heard) {
  return setTimeout(heard, delayMs, call, 0, OVER);
}

const settled = Promise.resolve();

// Once the code that runs now has ended. Not by `queueMicrotask`, which in Node costs far more.
export function soon(call, heard) {
  settled.then(() => heard(call, 0, OVER));
}

export function whenAborted(signal, call, heard) {
  const listener = () => heard(call, 0, ABORTED, reasonOf(signal));
  try {
    signal.addEventListener("abort", listener);
  } catch {} // One that refuses listeners is none that is ever heard of.
  return () => {
    try {
      signal.removeEventListener("abort", listener);
    } catch {}
  };
}

// A signal of the caller's may even throw.
export function reasonOf(signal) {
  try {
    return signal.reason;
  } catch (error) {
    return error;
  }
}
