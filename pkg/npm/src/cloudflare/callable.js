// Which methods of a Durable Object others can call.

// Makes methods of use within the object only. A prototype's methods can be called by every Worker that binds the namespace, own
// properties by nobody.
export function keepToItself(object, names) {
  for (const name of names) Object.defineProperty(object, name, { value: object[name], configurable: true, writable: true });
}
