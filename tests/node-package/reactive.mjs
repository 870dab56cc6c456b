// What frameworks make of the objects that are put into their stores. Each gives what an app then has in hand.

const isObject = (value) => typeof value === "object" && value !== null;
const kind = (value) => Object.prototype.toString.call(value).slice(8, -1);

/** As Vue and Pinia: a proxy around each plain object, instance, Map and Set, and around each such that is read through it. */
export function vue(value) {
  if (!isObject(value) || !["Object", "Array", "Map", "Set"].includes(kind(value))) return value;
  const isCollection = ["Map", "Set"].includes(kind(value));
  return new Proxy(value, {
    get(target, name, receiver) {
      // Collections get methods that know their target.
      if (isCollection) {
        const member = Reflect.get(target, name, target);
        return typeof member === "function" ? (...given) => vue(member.apply(target, given)) : member;
      }
      return vue(Reflect.get(target, name, receiver));
    },
  });
}

/** As Valtio: a copy of all members over the same prototype, and of all objects among them, each behind a proxy. */
export function valtio(value) {
  const left = [WeakMap, WeakSet, Error, Number, Date, String, RegExp, ArrayBuffer, Promise];
  if (!isObject(value) || Symbol.iterator in value || left.some((type) => value instanceof type)) return value;
  const copy = Object.create(Object.getPrototypeOf(value));
  for (const name of Reflect.ownKeys(value)) {
    const { enumerable } = Reflect.getOwnPropertyDescriptor(value, name);
    Object.defineProperty(copy, name, { value: valtio(value[name]), enumerable, configurable: true, writable: true });
  }
  return new Proxy(copy, {});
}

/** Any other: a proxy around functions too. */
export function membrane(value) {
  if (typeof value !== "function" && (!isObject(value) || value instanceof Promise)) return value;
  return new Proxy(value, {
    get: (target, name, receiver) => (name === "prototype" ? target.prototype : membrane(Reflect.get(target, name, receiver))),
    apply: (target, self, given) => Reflect.apply(target, self, given),
  });
}
