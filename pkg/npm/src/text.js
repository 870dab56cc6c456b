// Text as UTF-8. Jest's jsdom has no TextEncoder and no TextDecoder, but Node's Buffer. Looked up at use, as tests may add them.

export class Utf8Encoder {
  encode(text) {
    return Uint8Array.from(Buffer.from(text));
  }
}

/** Always a fatal one. */
export class Utf8Decoder {
  decode(bytes = []) {
    const buffer = Buffer.from(bytes);
    const text = buffer.toString();
    if (!buffer.equals(Buffer.from(text))) throw new TypeError("The bytes are not UTF-8.");
    return text;
  }
}

export const encoder = () => new (globalThis.TextEncoder ?? Utf8Encoder)();

export const decoder = (fatal = true) => new (globalThis.TextDecoder ?? Utf8Decoder)("utf-8", { fatal });
