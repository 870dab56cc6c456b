/** A control of the form. */
export function field(id) {
  return document.getElementById(id);
}

export function text(id) {
  return field(id).value.trim();
}

export function fill(id, value) {
  if (value) field(id).value = value;
}
