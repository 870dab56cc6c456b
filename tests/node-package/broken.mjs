// Breaks the wasm under the package, as a fault of ours or of the engine's would: whatever runs in it next traps. Import this
// before the package, whose instances it has to see being made.
const instances = [];
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(...of) {
    super(...of);
    instances.push(this);
  }
};

/** How many instances were made so far. */
export function instancesMade() {
  return instances.length;
}

/** Breaks the instance made last: none of its pointers leads anywhere any more. */
export function breakWasm() {
  const memory = Object.values(instances.at(-1).exports).find((value) => value instanceof WebAssembly.Memory);
  new Uint8Array(memory.buffer).fill(0xff);
}
