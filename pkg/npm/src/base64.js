// `Uint8Array.fromBase64` is the fast way, where it exists (Node 25, browsers of 2025).
export function bytesFromBase64(text) {
  return Uint8Array.fromBase64?.(text) ?? Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
