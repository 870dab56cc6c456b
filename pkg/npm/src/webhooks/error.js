// What is wrong with a delivery or with how it was handed over. Nothing of the body or a secret is ever in it: not even as a
// `cause`, as a SyntaxError of JSON.parse quotes what it could not read.

const brand = Symbol.for("extracta-wasm.webhook-error");

const STATUSES = { INVALID_OPTION: 500, SIGNATURE_MISSING: 401, SIGNATURE_MISMATCH: 401, MALFORMED: 400, TOO_LARGE: 413 };

export class WebhookError extends Error {
  constructor(code, message) {
    super(message);
    Object.assign(this, { code, status: STATUSES[code] });
  }

  // Literal, so that minifiers leave it alone; on the prototype, so that the stack begins with it.
  get name() {
    return "WebhookError";
  }

  get [brand]() {
    return true;
  }

  toJSON() {
    return { name: this.name, message: this.message, ...this };
  }
}

// By brand, as another realm or another copy of the package has a class of its own.
export function isWebhookError(value, code) {
  return typeof value === "object" && value?.[brand] === true && (code === undefined || value.code === code);
}
