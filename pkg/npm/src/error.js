// The class of the package's errors. Those that the wasm makes are no instances of it, as Rust cannot extend `Error`; they are
// known by a brand, as are those of another realm or another copy of the package.

const brand = Symbol.for("extracta-wasm.error");

export class ExtractaError extends Error {
  static [Symbol.hasInstance](value) {
    return isExtractaError(value);
  }

  constructor(message, fields, cause) {
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, fields);
  }

  // Literal, so that minifiers leave it alone; on the prototype, so that the stack begins with it.
  get name() {
    return "ExtractaError";
  }

  get [brand]() {
    return true;
  }

  toJSON() {
    const json = { name: this.name, message: this.message, ...this };
    return isExtractaError(this.cause) ? { ...json, cause: this.cause.toJSON() } : json;
  }
}

export function isExtractaError(value, code) {
  return typeof value === "object" && value?.[brand] === true && (code === undefined || value.code === code);
}
