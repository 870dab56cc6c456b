// Members of values that may be anything, proxies of a caller's `fetch` included: reading one survives that it throws.

export function attempted(read) {
  try {
    return read();
  } catch {
    return undefined;
  }
}

// Undefined where there is none, or null.
export function memberOf(value, name) {
  try {
    return value[name] ?? undefined;
  } catch {
    return undefined;
  }
}

// The member, if it is text.
export function textOf(value, name) {
  const member = memberOf(value, name);
  return typeof member === "string" ? member : undefined;
}
