// What users hold, they may put into a store of Vue, Pinia, Valtio or MobX, which wraps it into a proxy or copies its members. Behind
// a proxy `this` has no private members, so what is private stands in a closure. A copy must not outlive what the wasm frees with
// the original, so each has a way to the original among its members.
const original = Symbol("extracta-wasm.original");

/** Makes `object` lead to `value`, in each proxy and copy of it too. */
export function keep(object, value) {
  // Configurable, or a proxy would have to give just this function.
  return Object.defineProperty(object, original, { value: () => value, configurable: true });
}

/** What the object leads to. */
export function kept(object) {
  return object[original]();
}
