// One alarm's work: the polls that are due, in memory together for a bounded time, so that the client sees to their order.
import { isExtractaError } from "extracta-wasm";
import { Run } from "./run.js";

// How many polls are in memory at a time.
const MOST_AT_ONCE = 1_000;

// How long a batch is left alone that the client stopped on by a fault of its own.
const AFTER_FAULT_MS = 60_000;

export class Step {
  #ledger;
  #deliveries;
  #clientOptions;
  #beforeRequest;
  #changed;
  #endsAt;
  #runs = new Map();
  #isOver = false;
  #finished = Promise.withResolvers();

  // `sync` resolves once all that was written is stored; `changed(id)` is called when a status changed.
  constructor({ ledger, deliveries, clientOptions, sync, changed, workMs }) {
    this.#ledger = ledger;
    this.#deliveries = deliveries;
    this.#clientOptions = clientOptions;
    this.#changed = changed;
    this.#endsAt = Date.now() + workMs;
    this.#beforeRequest = (id) => (url, closedForMs) => {
      ledger.closeLane(url, Date.now() + closedForMs);
      ledger.asked(id);
      return sync();
    };
  }

  // Resolves when nothing is left to do before the step's end, or when the requests under way at its end have ended. Rejects
  // with what the token function threw.
  async run() {
    const timer = setTimeout(() => this.#end(), this.#endsAt - Date.now());
    try {
      this.takeDue();
      await this.#finished.promise;
    } finally {
      clearTimeout(timer);
      this.#end();
    }
  }

  // Takes in what is due before the step's end.
  takeDue() {
    for (const row of this.#isOver ? [] : this.#ledger.due(this.#endsAt, MOST_AT_ONCE)) {
      if (this.#runs.size >= MOST_AT_ONCE) break;
      if (!this.#runs.has(row.id) && !this.#deliveries.has(row.id)) this.#take(row);
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

  #take(row) {
    // An error needs no asking again.
    if (row.outcome === "failed") return this.#deliver(row.id, { error: row.error });
    const run = new Run(row, this.#clientOptions, {
      beforeRequest: this.#beforeRequest(row.id),
      afterRequest: () => this.#note(row, run),
    });
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
    this.#goOn();
  }

  #done(row, run, results) {
    if (this.#runs.get(row.id) !== run) return;
    this.#store(row.id, run, run.state);
    this.#release(row.id);
    this.#ledger.ended(row.id, { outcome: "done", now: Date.now() });
    this.#deliver(row.id, { results });
    this.#goOn();
  }

  #failed(row, run, error) {
    if (this.#runs.get(row.id) !== run) return;
    this.#store(row.id, run, run.state);
    this.#release(row.id);
    if (!isExtractaError(error)) {
      // Of the token function, which all polls share.
      this.#finished.reject(error);
    } else if (error.code === "CLOSED") {
      this.#ledger.later(row.id, Date.now() + AFTER_FAULT_MS);
    } else if (row.outcome === "done") {
      this.#deliveries.failed(row.id, `The finished results could not be asked for again: ${error.code}.`);
    } else {
      const { code, message } = error;
      this.#ledger.ended(row.id, { outcome: "failed", error: { code, message }, now: Date.now() });
      this.#deliver(row.id, { error: { code, message } });
    }
    this.#goOn();
  }

  #deliver(id, result) {
    this.#deliveries.add(id, result, () => this.#finishIfIdle());
    this.#changed(id);
  }

  #store(id, run, state) {
    this.#ledger.heard(id, state);
    for (const { url, opensAt } of run.lanes) this.#ledger.closeLane(url, opensAt);
  }

  #release(id) {
    this.#runs.get(id)?.close();
    this.#runs.delete(id);
  }

  #goOn() {
    if (this.#runs.size === 0) this.takeDue();
  }

  #finishIfIdle() {
    if (this.#runs.size === 0 && (this.#isOver || this.#deliveries.size === 0)) this.#finished.resolve();
  }

  // A request under way is waited for: its slot is spent.
  #end() {
    this.#isOver = true;
    for (const [id, run] of this.#runs) {
      if (!run.isAsking) this.#release(id);
    }
    this.#finishIfIdle();
  }
}
