/** On every answer: a reply holds documents, and is what its type says. */
export const OWN_HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

/** The end of a request that has no answer of the API's. The message reaches the person at the page: it names no value. */
export class Refused extends Error {
  #status;
  #headers;

  constructor(status, message, headers = {}) {
    super(message);
    this.#status = status;
    this.#headers = headers;
  }

  /** In the API's own style, so that the client shows the message as it shows the API's. */
  toResponse() {
    const headers = { ...OWN_HEADERS, ...this.#headers };
    return Response.json({ status: "error", message: this.message }, { status: this.#status, headers });
  }
}
