import { formatSeconds } from "./countdown.js";
import { countsText } from "./field-model.js";

// An id may have 256 bytes.
const MOST_ZEROS = 240;

/** A batch for each visitor, that of nobody else: a stand-in keeps them apart by their ids, of which it reads the number alone. */
export function ownBatches(count, first) {
  return Array.from({ length: count }, (_, nth) => ({ extractionId: "demo-extraction", batchId: `waits-${"0".repeat((first + nth) % MOST_ZEROS)}2` }));
}

/** What each visitor knows, and what all of them come to. */
export class Visitors {
  #now;
  #startedAt;
  #all;

  constructor(count, now = () => performance.now()) {
    this.#now = now;
    this.#startedAt = now();
    this.#all = Array.from({ length: count }, () => ({ state: "waiting", requests: 0, counts: undefined, endedAt: undefined, error: "" }));
  }

  /** Takes in what a visitor posted. */
  hear(nth, { news, counts, code, message }) {
    const visitor = this.#all[nth];
    if (visitor.endedAt !== undefined) return;
    if (news === "request") visitor.requests += 1;
    if (news === "progress") visitor.counts = counts;
    if (news === "done" || news === "error") this.#end(visitor, news, code ?? message);
  }

  /** Whoever still waits goes. */
  cancel() {
    for (const visitor of this.#all) if (visitor.endedAt === undefined) this.#end(visitor, "cancelled");
  }

  get ended() {
    return this.#all.filter(({ endedAt }) => endedAt !== undefined).length;
  }

  /** How all of it ended, or "waiting". */
  get state() {
    if (this.ended < this.#all.length) return "waiting";
    return ["error", "cancelled"].find((state) => this.#all.some((visitor) => visitor.state === state)) ?? "done";
  }

  /** A line for each visitor: its state, and what there is to say. */
  lines() {
    return this.#all.map((visitor, nth) => ({ state: visitor.state, text: this.#line(visitor, nth) }));
  }

  sumText() {
    const requests = this.#all.reduce((sum, visitor) => sum + visitor.requests, 0);
    return `${this.ended} of ${this.#all.length} visitors done, ${requests} ${requests === 1 ? "request" : "requests"} to the proxy`;
  }

  #end(visitor, state, error = "") {
    Object.assign(visitor, { state, error, endedAt: this.#now() });
  }

  #line({ state, requests, counts, endedAt, error }, nth) {
    const waited = formatSeconds((endedAt ?? this.#now()) - this.#startedAt);
    const known = state === "error" ? error : counts?.total > 0 ? countsText(counts) : "no files reported yet";
    return `Visitor ${nth + 1}: ${state}, ${known}; ${requests} ${requests === 1 ? "request" : "requests"}, waited ${waited}`;
  }
}

/** What arrived at the API for these batches, in words: `log` is the stand-in's. */
export function upstreamText(log, batches) {
  const ids = new Set(batches.map(({ batchId }) => batchId));
  const own = log.filter(({ batchId }) => ids.has(batchId));
  const refused = own.filter(({ violation }) => violation).length;
  const gaps = own.slice(1).map(({ arrivedMs }, nth) => arrivedMs - own[nth].arrivedMs);
  const closest = gaps.length === 0 ? "" : `, never closer than ${(Math.floor(Math.min(...gaps) / 10) / 100).toFixed(2)} s`;
  return `${own.length} requests to the API, ${refused} refused${closest}`;
}
