// Members of objects that others hand over. What a script adds to all objects, by way of `Object.prototype`, is not meant for us.

// The named members that the object has itself, or its class has, in an object that inherits nothing.
export function own(object, names) {
  const members = Object.create(null);
  for (const name of names) if (has(object, name)) members[name] = object[name];
  return members;
}

// All members that the object has itself, in an object that inherits nothing.
export function bare(object) {
  return Object.assign(Object.create(null), object);
}

function has(object, name) {
  for (let holder = object; holder !== undefined && holder !== null; ) {
    const next = Object.getPrototypeOf(holder);
    // The root of all classes.
    if (next === null && holder !== object) return false;
    if (Object.hasOwn(holder, name)) return true;
    holder = next;
  }
  return false;
}
