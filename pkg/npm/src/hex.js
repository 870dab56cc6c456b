// `Uint8Array.fromHex` is the fast way, where it exists (Node 25, browsers of 2025).
export function bytesFromHex(text) {
  return Uint8Array.fromHex?.(text) ?? decode(text);
}

function decode(text) {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
