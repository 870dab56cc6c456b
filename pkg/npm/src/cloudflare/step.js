// One alarm's work: the polls that are due, in memory together for a bounded time, so that the client sees to their order.
import { isExtractaError } from "extracta-wasm";
import { Run } from "./run.js";
import { isOfKey, wordsOf } from "./words.js";

// How many polls are in memory at a time.
const MOST_AT_ONCE = 1_000;

// How many deliveries are looked at, at a time; only a few of them can be under way.
const MOST_DUE = 8;

// The wall clock may be wrong by a year for a moment, and no timer is as long as that.
const LONGEST_TIMER_MS = 60_000;

// How long a batch is left alone that the client stopped on by a fault of its own.
const AFTER_FAULT_MS = 60_000;

export class Step {
  #ledger;
  #clock;
  #deliveries;
  #clientOptions;
  #beforeRequest;
  #changed;
  #endsAt;
  #runs = new Map();
  #isOver = false;
  #finished = Promise.withResolvers();
  #timer;
  #fault;

  // Without `clientOptions` nothing can be asked, and only errors are delivered. `sync` resolves once all that was written is
  // stored; `changed(id)` is called when a status changed.
  constructor({ ledger, clock, deliveries, clientOptions, sync, changed, workMs }) {
    this.#ledger = ledger;
    this.#clock = clock;
    this.#deliveries = deliveries;
    this.#clientOptions = clientOptions;
    this.#changed = changed;
    this.#endsAt = this.#clock.now() + workMs;
    this.#beforeRequest = (id) => (url, closedForMs) => {
      const now = clock.now();
      ledger.closeLane(url, now, now + closedForMs);
      ledger.requested(id);
      return sync();
    };
  }

  // Resolves when nothing is left to do before the step's end, or when the requests under way at its end have ended. Rejects
  // with what the token function threw, or with what else ends every poll alike.
  async run() {
    const timer = setTimeout(() => this.#end(), this.#endsAt - this.#clock.now());
    try {
      this.takeDue();
      await this.#finished.promise;
    } finally {
      clearTimeout(timer);
      this.#end();
    }
    if (this.#fault) throw this.#fault.error;
  }

  // Takes in what is due before the step's end.
  takeDue() {
    try {
      this.#takeDeliveries();
      this.#takePolls();
    } catch (error) {
      // Of the options of the client, which all polls share.
      this.#giveUp(error);
    }
    this.#finishIfIdle();
  }

  nudge(id) {
    this.#runs.get(id)?.nudge();
  }

  // A poll that was cancelled.
  drop(id) {
    this.#release(id);
    this.#goOn();
  }

  #takePolls() {
    if (this.#isOver || !this.#clientOptions || this.#runs.size >= MOST_AT_ONCE) return;
    for (const row of this.#ledger.duePolls(this.#endsAt, MOST_AT_ONCE)) {
      if (this.#runs.size >= MOST_AT_ONCE) break;
      if (!this.#runs.has(row.id)) this.#ask(row);
    }
  }

  // As many as there are slots for. Results are asked for again once somebody is there to take them.
  #takeDeliveries() {
    clearTimeout(this.#timer);
    if (this.#isOver) return;
    for (const key of this.#deliveries.probes) {
      const row = this.#ledger.probe(key);
      if (row) this.#takeDelivery(row);
    }
    for (let isLooking = true; isLooking && this.#deliveries.hasSlots; ) {
      const rows = this.#ledger.dueDeliveries(this.#clock.now(), this.#deliveries.busyTargets, MOST_DUE);
      isLooking = rows.map((row) => this.#takeDelivery(row)).includes(true);
    }
    const next = this.#ledger.nextDeliveryAt(this.#clock.now());
    if (next < this.#endsAt) this.#timer = setTimeout(() => this.#deliverDue(), Math.min(next - this.#clock.now(), LONGEST_TIMER_MS));
  }

  // Whether it was taken.
  #takeDelivery(row) {
    const { id, outcome, error, targetKey } = row;
    if (this.#deliveries.has(id) || !this.#deliveries.hasSlot(targetKey)) return false;
    // An error needs no asking again.
    if (outcome !== "failed" && !this.#clientOptions) return false;
    this.#deliveries.take(id, targetKey);
    if (outcome === "failed") this.#deliver(id, { error });
    else this.#ask(row);
    return true;
  }

  #ask(row) {
    let run;
    try {
      run = new Run(row, this.#clientOptions, {
        clock: this.#clock,
        beforeRequest: this.#beforeRequest(row.id),
        afterRequest: () => this.#note(row, run),
      });
    } catch (error) {
      this.#deliveries.release(row.id);
      throw error;
    }
    this.#runs.set(row.id, run);
    run.result.then(
      (results) => this.#done(row, run, results),
      (error) => this.#failed(row, run, error),
    );
  }

  // The poll goes on.
  #note(row, run) {
    if (this.#runs.get(row.id) !== run) return;
    const { state } = run;
    this.#store(row.id, run, state);
    this.#changed(row.id);
    if (!this.#isOver && state.nextAt <= this.#endsAt) return;
    this.#release(row.id);
    this.#deliveries.release(row.id);
    this.#goOn();
  }

  #done(row, run, results) {
    if (this.#runs.get(row.id) !== run) return;
    this.#store(row.id, run, run.state);
    this.#release(row.id);
    if (row.outcome === undefined) this.#ledger.ended(row.id, { outcome: "done", now: this.#clock.now() });
    this.#deliver(row.id, { results });
    this.#goOn();
  }

  #failed(row, run, error) {
    if (this.#runs.get(row.id) !== run) return;
    const { id } = row;
    const now = this.#clock.now();
    this.#closeLanes(run);
    if (!isExtractaError(error) || isOfKey(error)) {
      // Of the key or the token function, which all polls share: there is no news of the batch.
      this.#ledger.unanswered(id, Math.min(row.nextAt, now));
      this.#giveUp(error);
    } else if (error.code === "CLOSED") {
      this.#ledger.unanswered(id, now + AFTER_FAULT_MS);
    } else if (error.code === "POLL_TIMEOUT" && until(row) > now) {
      // It was another clock by which its time was over.
      this.#ledger.unanswered(id, now);
    } else if (row.outcome === "done") {
      this.#ledger.replied(id, run.state);
      this.#deliveries.failed(id, `The finished results could not be fetched again: ${error.code}.`);
    } else {
      const failure = { code: error.code, message: wordsOf(error) };
      const { state } = run;
      this.#ledger.replied(id, { ...state, attempts: error.attempts ?? state.attempts });
      this.#ledger.ended(id, { outcome: "failed", error: failure, now });
      this.#release(id);
      this.#deliver(id, { error: failure });
    }
    this.#release(id);
    this.#deliveries.release(id);
    this.#goOn();
  }

  #deliver(id, result) {
    this.#deliveries.add(id, result, () => this.#deliverDue());
    this.#changed(id);
  }

  #deliverDue() {
    try {
      this.#takeDeliveries();
    } catch (error) {
      this.#giveUp(error);
    }
    this.#finishIfIdle();
  }

  #store(id, run, state) {
    this.#ledger.replied(id, state);
    this.#closeLanes(run);
  }

  #closeLanes(run) {
    for (const { url, opensAt } of run.lanes) this.#ledger.closeLane(url, this.#clock.now(), opensAt);
  }

  #release(id) {
    this.#runs.get(id)?.close();
    this.#runs.delete(id);
  }

  #goOn() {
    if (this.#runs.size === 0) this.takeDue();
    else this.#deliverDue();
  }

  #finishIfIdle() {
    if (this.#runs.size === 0 && (this.#isOver || this.#deliveries.size === 0)) this.#finished.resolve();
  }

  // Something ends every poll alike, for now.
  #giveUp(error) {
    this.#fault ??= { error };
    this.#end();
  }

  // A request under way is waited for: its slot is spent.
  #end() {
    this.#isOver = true;
    clearTimeout(this.#timer);
    for (const [id, run] of this.#runs) {
      if (run.isAsking) continue;
      this.#release(id);
      this.#deliveries.release(id);
    }
    this.#finishIfIdle();
  }
}

// When the time of a poll, or of asking for its results, is over.
function until({ outcome, deadlineAt, deliverBy }) {
  return (outcome === "done" ? deliverBy : deadlineAt) ?? Infinity;
}
