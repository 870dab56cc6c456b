// Text as UTF-8. Jest's jsdom has no TextEncoder and no TextDecoder, but Node's Buffer. Looked up at use, as tests may add them; and
// as a member of the global, as bundlers bring a Buffer along for a name that stands by itself.

const bytesOf = (source) => globalThis.Buffer.from(source);

export class Utf8Encoder {
  encode(text) {
    return Uint8Array.from(bytesOf(text));
  }
}

/** Always a fatal one. */
export class Utf8Decoder {
  decode(bytes = []) {
    const text = bytesOf(bytes).toString();
    if (!bytesOf(bytes).equals(bytesOf(text))) throw new TypeError("The bytes are not UTF-8.");
    return text;
  }
}

export const encoder = () => new (globalThis.TextEncoder ?? Utf8Encoder)();

export const decoder = (fatal = true) => new (globalThis.TextDecoder ?? Utf8Decoder)("utf-8", { fatal });
