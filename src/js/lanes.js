// The numbers of this realm's lanes, so that all clients keep one floor, two copies of this package included. They are numbers
// only, under a versioned name: any copy can read them, and nobody's promise or timer is shared.

const REGISTRY = Symbol.for("extracta-wasm.lanes.1");

// Where the global object is frozen, each copy of the package keeps a floor of its own.
const own = {};

// A number that tells lanes apart without giving the token away: 53 bits of a hash.
export function laneKey({ urls, token: own = "", keys }, endpoint, token) {
  return token === undefined ? (keys[endpoint] ??= hash(urls[endpoint], own)) : hash(urls[endpoint], token);
}

function hash(url, token) {
  let [high, low] = [0x811c9dc5, 0x01000193];
  const text = `${url} ${token}`;
  for (let index = 0; index < text.length; index++) {
    high = Math.imul(high ^ text.charCodeAt(index), 0x01000193);
    low = Math.imul(low ^ high, 0x5bd1e995) ^ (high >>> 13);
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}

// The record of a lane; `otherwise` from now on, where there is none.
export function laneRecord(key, otherwise) {
  return (registry()[key] ??= otherwise);
}

// `numbers` is a window on the wasm's memory. One by one: for so few, `set` takes longer.
export function readRecord(record, numbers) {
  for (let index = 0; index < numbers.length; index++) numbers[index] = record[index];
}

export function writeRecord(record, numbers) {
  readRecord(numbers, record);
}

export function forgetLane(key) {
  delete registry()[key];
}

function registry() {
  try {
    return (globalThis[REGISTRY] ??= {});
  } catch {
    return own;
  }
}
