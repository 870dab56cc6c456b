import { KINDS } from "./kinds.js";
import { SERVED_BY } from "./served-by.js";

/** A batch that the server polls by itself: what the page asks of it. */
export class DurablePoll {
  #id;

  /** Has the server begin with a batch. */
  static async start(kind, batch) {
    const headers = { "content-type": "application/json" };
    const { id } = await request(KINDS[kind].endpoint, { method: "POST", headers, body: JSON.stringify(batch) });
    return new DurablePoll(id);
  }

  constructor(id) {
    this.#id = encodeURIComponent(id);
  }

  /** Where a page goes on watching. */
  get address() {
    return `?durable=${this.#id}`;
  }

  /** Reports each status until the last; returns a function that stops it. What breaks is taken up again by the browser. */
  watch(onStatus) {
    const events = new EventSource(`${SERVED_BY.polls}/${this.#id}/events`);
    events.onmessage = ({ data }) => {
      const status = JSON.parse(data);
      if (status.settledAt !== undefined) events.close();
      onStatus(status);
    };
    return () => events.close();
  }

  status() {
    return request(this.#id);
  }

  results() {
    return request(`${this.#id}/results`);
  }

  cancel() {
    return request(this.#id, { method: "DELETE" });
  }
}

async function request(path, init) {
  const answer = await fetch(`${SERVED_BY.polls}/${path}`, init);
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.message);
  return body;
}
