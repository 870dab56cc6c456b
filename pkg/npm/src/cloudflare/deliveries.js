// The deliveries that are under way: a few at a time, each by itself, tried again at growing distances. A target that fails
// again and again is left alone, but for a probe now and then, and its deliveries wait in storage: it delays nobody else's, and
// nothing is asked for again before there is somebody to take it.
import { DeliveryError } from "./delivery-error.js";

// A Worker has six connections at a time, and polls need two.
const MOST_AT_ONCE = 4;
const MOST_PER_TARGET = 3;

// Of those at once, how many may go to targets that have failed.
const MOST_TO_FAILING = 2;

// Results are documents, which may be large: no more of them than this wait in memory. Others are asked for again.
const MOST_WAITING = 24;
const MOST_WAITING_PER_TARGET = 12;

// A target that failed so often in a row is left alone.
const FAILS_AT = 3;

export const LONGEST_WAIT_MS = 900_000;

export class Deliveries {
  #ledger;
  #clock;
  #deliver;
  #changed;
  #settings;
  #failing;
  // The target of each delivery that is under way, and of each whose results are being asked for.
  #taken = new Map();
  #controllers = new Map();
  #waiting = [];

  // `deliver(delivery, target, { signal })` resolves once the delivery was acknowledged.
  constructor({ ledger, clock, deliver, changed, settings }) {
    this.#ledger = ledger;
    this.#clock = clock;
    this.#deliver = deliver;
    this.#changed = changed;
    this.#settings = settings;
    this.#failing = ledger.failingTargets();
  }

  get size() {
    return this.#controllers.size + this.#waiting.length;
  }

  // Those that are under way or wait in memory.
  get ids() {
    return [...this.#taken.keys(), ...this.#waiting.map(({ row }) => row.id)];
  }

  has(id) {
    return this.#taken.has(id) || this.#waiting.some(({ row }) => row.id === id);
  }

  // The targets that nothing can be delivered to at the moment.
  get busyTargets() {
    const keys = new Set([...this.#taken.values(), ...this.#failing.keys()]);
    return [...keys].filter((key) => !this.hasSlot(key));
  }

  get hasSlots() {
    return this.#taken.size < MOST_AT_ONCE;
  }

  hasSlot(key) {
    const failing = this.#failing.get(key);
    const mine = [...this.#taken.values()].filter((other) => other === key).length;
    if (!this.hasSlots || mine >= (failing ? 1 : MOST_PER_TARGET)) return false;
    if (!failing) return true;
    const toFailing = [...this.#taken.values()].filter((other) => this.#failing.has(other)).length;
    return toFailing < MOST_TO_FAILING && (failing.failures < FAILS_AT || failing.probeAt <= this.#clock.now());
  }

  // The targets that are left alone, of which one delivery may be tried now.
  get probes() {
    return [...this.#failing].filter(([key, { failures }]) => failures >= FAILS_AT && this.hasSlot(key)).map(([key]) => key);
  }

  // Takes a slot for a delivery whose results are about to be asked for.
  take(id, key) {
    this.#taken.set(id, key);
  }

  release(id) {
    if (!this.#controllers.has(id)) this.#taken.delete(id);
  }

  // `result` is `{ results }` or `{ error }`; `ended` is called when the attempt ended.
  add(id, result, ended) {
    const row = this.#ledger.get(id);
    const isPending = row?.state === "delivering" || row?.state === "parked";
    if (!isPending || this.#controllers.has(id) || this.#waiting.some((other) => other.row.id === id)) return this.release(id);
    const key = row.targetKey;
    if (this.#taken.has(id) || this.hasSlot(key)) return void this.#attempt(row, result, ended);
    if (this.#isLeftAlone(key)) return this.#ledger.park(key, this.ids);
    const ofTarget = this.#waiting.filter((other) => other.row.targetKey === key).length;
    // Not sooner than its time, and then only once there is a slot.
    if (this.#waiting.length >= MOST_WAITING || ofTarget >= MOST_WAITING_PER_TARGET) return this.#ledger.later(id, this.#clock.now());
    this.#waiting.push({ row, result, ended });
  }

  forgetTargets() {
    if (this.#failing.size > 0 && this.#ledger.forgetTargets()) this.#failing = this.#ledger.failingTargets();
  }

  cancel(id) {
    this.#waiting = this.#waiting.filter(({ row }) => row.id !== id);
    this.#controllers.get(id)?.abort(new DeliveryError("The poll was cancelled."));
  }

  // Arranges the next attempt, if there is to be one.
  failed(id, why, { final = false } = {}) {
    const row = this.#ledger.get(id);
    const now = this.#clock.now();
    const nextAt = now + waitMs(row.deliveries - 1, this.#settings().retryMs);
    if (final || now >= row.deliverBy) this.#ledger.settled(id, "undelivered", now, why);
    else this.#ledger.notDelivered(id, why, Math.min(nextAt, row.deliverBy));
    this.#changed(id);
  }

  async #attempt(row, result, ended) {
    const { id, batch, target, targetKey: key } = row;
    const { timeoutMs, retryMs } = this.#settings();
    // Stored first: should the object stop in the middle of it, the next attempt is not sooner than if it had failed.
    this.#ledger.delivering(row, this.#clock.now() + timeoutMs + waitMs(row.deliveries, retryMs));
    const controller = new AbortController();
    this.#taken.set(id, key);
    this.#controllers.set(id, controller);
    const { signal } = controller;
    const late = new DeliveryError(`The delivery took longer than ${timeoutMs} ms.`);
    const timer = setTimeout(() => controller.abort(late), timeoutMs);
    const aborted = new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    let failure;
    try {
      await Promise.race([this.#deliver({ id, batch, ...result }, target, { signal }), aborted]);
    } catch (error) {
      failure = error instanceof DeliveryError ? error : new DeliveryError("The delivery failed.");
    } finally {
      clearTimeout(timer);
    }
    this.#controllers.delete(id);
    this.#taken.delete(id);
    if (failure) {
      this.failed(id, failure.message, { final: failure.final });
      // What can never be delivered says nothing of its target, nor does what was cancelled.
      if (!failure.final && this.#ledger.get(id)?.state !== "cancelled") this.#targetFailed(key);
    } else {
      this.#ledger.settled(id, "delivered", this.#clock.now());
      this.#changed(id);
      this.#targetIsWell(key);
    }
    this.#next();
    ended();
  }

  #isLeftAlone(key) {
    return (this.#failing.get(key)?.failures ?? 0) >= FAILS_AT;
  }

  #targetFailed(key) {
    const failures = (this.#failing.get(key)?.failures ?? 0) + 1;
    const probeAt = failures < FAILS_AT ? null : this.#clock.now() + waitMs(failures - FAILS_AT, this.#settings().retryMs);
    this.#failing.set(key, { failures, probeAt });
    this.#ledger.targetFails(key, { failures, probeAt });
    if (failures < FAILS_AT) return;
    this.#waiting = this.#waiting.filter(({ row }) => row.targetKey !== key);
    this.#ledger.park(key, this.ids);
  }

  #targetIsWell(key) {
    if (!this.#failing.delete(key)) return;
    this.#ledger.targetIsWell(key, this.#clock.now());
  }

  #next() {
    for (const waiting of this.#waiting) {
      if (!this.hasSlot(waiting.row.targetKey)) continue;
      this.#waiting = this.#waiting.filter((other) => other !== waiting);
      void this.#attempt(waiting.row, waiting.result, waiting.ended);
    }
  }
}

function waitMs(failures, retryMs) {
  return Math.min(retryMs * 2 ** Math.max(0, failures), LONGEST_WAIT_MS);
}
