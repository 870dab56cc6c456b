// The promises of the calls that run. Out here, so that they can be ended when the wasm no longer can.

const pending = new Map();

export function begin() {
  let ways;
  const promise = new Promise((...both) => (ways = both));
  pending.set(promise, ways);
  return promise;
}

export function resolve(promise, value) {
  settle(promise, 0, value);
}

export function reject(promise, error) {
  settle(promise, 1, error);
}

// Also of those promises that their caller never got: nobody would catch them.
export function rejectAll(error) {
  for (const promise of pending.keys()) {
    promise.catch(() => {});
    reject(promise, error);
  }
}

function settle(promise, way, value) {
  pending.get(promise)?.[way](value);
  pending.delete(promise);
}
