import { KINDS, kindOf } from "./kinds.js";
import { placesIn } from "./lane-places.js";

const NO_FILES = { total: 0, processed: 0, failed: 0, pending: 0 };

/**
 * What is known of many batches: from their progress, from the client's events and from what its lanes decided. An entry
 * has a `state`: `waiting`, `done`, `error` or `cancelled`. Nothing of a document is kept but the results themselves.
 */
export class Batches {
  #now;
  #startedAt;
  #endedAt;
  #entries;
  #byName;
  /** In the order in which they ended. */
  settled = [];

  constructor(jobs, now = () => performance.now()) {
    this.#now = now;
    this.#startedAt = now();
    const known = { state: "waiting", counts: NO_FILES, note: "" };
    this.#entries = jobs.map((job, index) => ({ ...known, job, index, kind: kindOf(job) }));
    this.#byName = new Map(this.#entries.map((entry) => [nameOf(endpointOf(entry), entry.job.batchId), entry]));
  }

  get size() {
    return this.#entries.length;
  }

  /** Those without results, in the order in which they were given; once all has ended, those that were cancelled. */
  get open() {
    return this.#entries.filter(({ state }) => state === "waiting" || state === "cancelled");
  }

  onEvent({ type, endpoint, batchId, attempt, code, waitMs }) {
    const entry = this.#waiting(endpoint, batchId);
    if (!entry) return;
    if (type === "wait" || type === "retry") entry.dueAt = this.#now() + waitMs;
    // Its place in line is used up; the next one is told with its next decision.
    if (type === "request") {
      Object.assign(entry, { asking: true, place: undefined, position: undefined, turnAt: undefined });
    }
    if (type === "response" || type === "retry") entry.asking = false;
    if (type === "retry") entry.note = `Attempt ${attempt} failed (${code}). Trying again.`;
  }

  /** `reports` are the lanes as they are now: the reported position counts from here. */
  onProgress({ counts, queuePosition, nextPollInMs }, index, reports) {
    const entry = this.#entries[index];
    const report = reports.find(({ endpoint }) => endpoint === endpointOf(entry));
    const place = { behind: queuePosition, sends: report?.requests ?? 0 };
    const turnAt = nextPollInMs === undefined ? undefined : this.#now() + nextPollInMs;
    Object.assign(entry, { counts, place, position: queuePosition, turnAt, asking: false, note: "" });
  }

  /** Takes over what the lanes decided since, and works out how far each batch is from its turn. */
  onLanes(reports) {
    for (const report of reports) {
      for (const [batchId, place] of placesIn(report)) {
        const entry = this.#waiting(report.endpoint, batchId);
        if (entry) entry.place = place;
      }
      for (const entry of this.#entries) {
        if (entry.state !== "waiting" || endpointOf(entry) !== report.endpoint || !entry.place) continue;
        entry.position = Math.max(0, entry.place.behind - (report.requests - entry.place.sends));
        entry.turnAt = this.#now() + report.nextSlotInMs + entry.position * report.gapMs;
      }
    }
  }

  /** One ended, with `results` or with `error`. */
  settle({ index, ...ending }) {
    const entry = this.#entries[index];
    Object.assign(entry, ending, { state: "error" in ending ? "error" : "done", endedAt: this.#now(), asking: false });
    this.settled.push(entry);
    return entry;
  }

  /** Nothing follows: whatever still waits was cancelled. */
  end() {
    this.#endedAt = this.#now();
    for (const entry of this.#entries) if (entry.state === "waiting") entry.state = "cancelled";
  }

  elapsedMs(entry) {
    return (entry?.endedAt ?? this.#endedAt ?? this.#now()) - this.#startedAt;
  }

  /** Until the next request for a batch, as far as can be told; `undefined` where nothing is known yet. */
  nextPollInMs({ turnAt, dueAt }) {
    if (turnAt === undefined && dueAt === undefined) return undefined;
    return Math.max(turnAt ?? 0, dueAt ?? 0) - this.#now();
  }

  /** How far all of them are: `{ ended, text }`. A batch that ended with an error has ended too. */
  summary() {
    const failed = this.settled.filter(({ state }) => state === "error").length;
    const failures = failed > 0 ? `, ${failed} failed` : "";
    return { ended: this.settled.length, text: `${this.settled.length} of ${this.size} batches finished${failures}` };
  }

  /** Files finished, of all batches together. How many there are in all is known only at the end. */
  filesText() {
    const sum = (name) => this.#entries.reduce((total, { counts }) => total + counts[name], 0);
    const [processed, failed] = [sum("processed"), sum("failed")];
    const files = processed + failed === 1 ? "file" : "files";
    const soFar = this.#endedAt === undefined ? " so far" : "";
    return `${processed + failed} ${files} finished${soFar}${failed > 0 ? `, ${failed} failed` : ""}`;
  }

  #waiting(endpoint, batchId) {
    const entry = this.#byName.get(nameOf(endpoint, batchId));
    return entry?.state === "waiting" ? entry : undefined;
  }
}

function endpointOf({ kind }) {
  return KINDS[kind].endpoint;
}

/** Among the batches of one card this is unique: they share the template of their kind. */
function nameOf(endpoint, batchId) {
  return `${endpoint} ${batchId}`;
}

/** How many go before a batch on its lane, in words. */
export function positionText(position) {
  if (position === undefined) return "In line";
  return position === 0 ? "Next on its lane" : `${position} before it`;
}
