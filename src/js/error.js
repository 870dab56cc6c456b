// The one class that must be JavaScript: Rust cannot extend Error.

const brand = Symbol.for("extracta-wasm.error");

export class ExtractaError extends Error {
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

// By brand, as another realm or another copy of the package has a class of its own.
export function isExtractaError(value, code) {
  return typeof value === "object" && value?.[brand] === true && (code === undefined || value.code === code);
}
