// The deliveries that are under way: a few at a time, each by itself, tried again at growing distances.
import { DeliveryError } from "./delivery-error.js";

// Results are documents, which may be large: no more of them than this are in memory. Others are asked for again.
const MOST_AT_ONCE = 6;
const MOST_HELD = 24;

const LONGEST_WAIT_MS = 900_000;

export class Deliveries {
  #ledger;
  #deliver;
  #changed;
  #settings;
  #held = new Map();
  #waiting = [];

  // `deliver(delivery, target, { signal })` resolves once the delivery was acknowledged.
  constructor({ ledger, deliver, changed, settings }) {
    this.#ledger = ledger;
    this.#deliver = deliver;
    this.#changed = changed;
    this.#settings = settings;
  }

  get size() {
    return this.#held.size;
  }

  has(id) {
    return this.#held.has(id);
  }

  // `result` is `{ results }` or `{ error }`; `ended` is called when the attempt ended.
  add(id, result, ended) {
    const row = this.#ledger.get(id);
    if (row?.state !== "delivering" || this.has(id)) return;
    const { timeoutMs, retryMs } = this.#settings();
    if (this.size >= MOST_HELD) return this.#ledger.later(id, Date.now() + retryMs);
    // Stored first: should the object stop in the middle of it, the next attempt is not sooner than if it had failed.
    this.#ledger.delivering(id, Date.now() + timeoutMs + waitMs(row.deliveries, retryMs));
    const controller = new AbortController();
    this.#held.set(id, controller);
    this.#waiting.push(async () => {
      await this.#attempt(row, result, controller, timeoutMs);
      this.#held.delete(id);
      this.#next();
      ended();
    });
    if (this.size <= MOST_AT_ONCE) this.#next();
  }

  cancel(id) {
    this.#held.get(id)?.abort(new DeliveryError("The poll was cancelled."));
  }

  // Arranges the next attempt, if there is to be one.
  failed(id, why, { final = false } = {}) {
    const { deliveries, deliverBy } = this.#ledger.get(id);
    const now = Date.now();
    const nextAt = now + waitMs(deliveries - 1, this.#settings().retryMs);
    if (final || nextAt > deliverBy) this.#ledger.settled(id, "undelivered", now, why);
    else this.#ledger.notDelivered(id, why, nextAt);
    this.#changed(id);
  }

  #next() {
    this.#waiting.shift()?.();
  }

  async #attempt({ id, batch, target }, result, controller, timeoutMs) {
    const { signal } = controller;
    const late = new DeliveryError(`The delivery took longer than ${timeoutMs} ms.`);
    const timer = setTimeout(() => controller.abort(late), timeoutMs);
    const aborted = new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    try {
      signal.throwIfAborted();
      await Promise.race([this.#deliver({ id, batch, ...result }, target, { signal }), aborted]);
      this.#ledger.settled(id, "delivered", Date.now());
      this.#changed(id);
    } catch (error) {
      const { message, final } = error instanceof DeliveryError ? error : { message: "The delivery failed." };
      this.failed(id, message, { final });
    } finally {
      clearTimeout(timer);
    }
  }
}

function waitMs(failures, retryMs) {
  return Math.min(retryMs * 2 ** Math.max(0, failures), LONGEST_WAIT_MS);
}
