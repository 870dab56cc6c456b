// Members of values that may be anything, proxies of a caller's `fetch` included: reading one survives that it throws.

export function attempted(read) {
  try {
    return read();
  } catch {
    return undefined;
  }
}

export function memberOf(value, name) {
  return attempted(() => value[name]);
}

// The member, if it is text.
export function textOf(value, name) {
  const member = memberOf(value, name);
  return typeof member === "string" ? member : undefined;
}
