// The end of a request that has no answer of the API's.

// On every answer: a reply holds documents, and is what its type says. What it is depends on what was preferred.
export const OWN_HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff", vary: "prefer" };

export class Refused extends Error {
  #status;
  #headers;
  #response;

  // The message reaches the person at the page: it names no value.
  constructor(status, message, headers = {}) {
    super(message);
    if (typeof status === "number") this.#status = status;
    else this.#response = status;
    this.#headers = headers;
  }

  // In the API's own style, so that the client reports the message as it reports the API's.
  toResponse() {
    return this.#response ?? refusal(this.#status, this.message, this.#headers);
  }
}

export function refusal(status, message, headers) {
  return Response.json({ status: "error", message }, { status, headers: { ...OWN_HEADERS, ...headers } });
}
