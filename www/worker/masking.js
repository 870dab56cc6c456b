const ASTERISK = 0x2a;

/** A stream that passes bytes on with asterisks in place of `secret`, also where it was cut in two on its way. */
export function masking(secret) {
  const wanted = new TextEncoder().encode(secret);
  let held = new Uint8Array();
  return new TransformStream({
    transform(chunk, controller) {
      const bytes = new Uint8Array(held.length + chunk.length);
      bytes.set(held);
      bytes.set(chunk, held.length);
      mask(bytes, wanted);
      // The end might be the beginning of the secret.
      const settled = Math.max(bytes.length - wanted.length + 1, 0);
      if (settled > 0) controller.enqueue(bytes.slice(0, settled));
      held = bytes.slice(settled);
    },
    flush(controller) {
      if (held.length > 0) controller.enqueue(held);
    },
  });
}

function mask(bytes, wanted) {
  for (let at = bytes.indexOf(wanted[0]); at !== -1; at = bytes.indexOf(wanted[0], at + 1)) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) bytes.fill(ASTERISK, at, at + wanted.length);
  }
}
