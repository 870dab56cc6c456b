// The numbers of this realm's lanes, so that all clients keep one floor, two copies of this package included. They are numbers
// only, under a versioned name: any copy can read them, and nobody's promise or timer is shared.

const REGISTRY = Symbol.for("extracta-wasm.lanes.1");

// Where the global object is frozen, each copy of the package keeps a floor of its own.
const own = new Map();

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
  const lanes = registry();
  const record = lanes.get(key) ?? otherwise;
  if (record === otherwise) lanes.set(key, record);
  return record;
}

// One by one: for so few, `set` takes longer. `numbers` is a window on the wasm's memory, which is not made for nothing either.
export function readRecord(record, numbers) {
  for (let index = 0; index < numbers.length; index++) numbers[index] = record[index];
}

export function writeRecord(record, a, b, c, d, e, f, g) {
  record[0] = a;
  record[1] = b;
  record[2] = c;
  record[3] = d;
  record[4] = e;
  record[5] = f;
  record[6] = g;
}

export function forgetLane(key) {
  registry().delete(key);
}

function registry() {
  try {
    return (globalThis[REGISTRY] ??= new Map());
  } catch {
    return own;
  }
}
