// Polls that outlive the request that started them: a Durable Object polls by alarm and delivers what is finished.
import { DurableObject } from "cloudflare:workers";
import { ExtractaClient, isExtractaError } from "extracta-wasm";
import { Deliveries } from "./deliveries.js";
import { Feed } from "./feed.js";
import { Ledger } from "./ledger.js";
import { startOf } from "./start.js";
import { statusOf } from "./status.js";
import { Step } from "./step.js";
import { checkTarget, deliverTo } from "./targets.js";

const MOST_PENDING = 10_000;
const MOST_LISTED = 1_000;

// When the next alarm comes should this one be cut off: one that comes due meanwhile waits until this one has ended.
const WATCHDOG_MS = 5_000;
const LONGEST_FAULT_WAIT_MS = 300_000;

// A batch in the middle of whose request the object stopped so many times is given up: its reply may be what stops it.
const MOST_CUT_OFF = 4;

export class ExtractaPolls extends DurableObject {
  #opened;
  #feed = new Feed();
  #step;
  #opensAt;
  #faults = 0;
  #fault;

  // What subclasses may set.
  workMs = 30_000;
  deliveryTimeoutMs = 10_000;
  retryMs = 5_000;
  keepMs = 7 * 86_400_000;

  // The options of the client that polls. Asked for at each step, so that nothing of them need be stored.
  client() {
    const { EXTRACTA_API_KEY: token, EXTRACTA_BASE_URL: baseUrl } = this.env;
    return { token, baseUrl };
  }

  // Delivers `{ id, batch, results }` or `{ id, batch, error }`, and resolves once it was acknowledged.
  deliver(delivery, target, { signal }) {
    return deliverTo(target, delivery, { env: this.env, signal });
  }

  async start(batches, options) {
    const isOwn = this.deliver === ExtractaPolls.prototype.deliver;
    if (isOwn) checkTarget(options?.deliver, this.env);
    const { ledger } = this.#open();
    const list = Array.isArray(batches) ? batches : [batches];
    if (ledger.pending() + list.length > MOST_PENDING) {
      throw new RangeError(`No more than ${MOST_PENDING} batches may be pending in one object: start them later, or in another.`);
    }
    const client = new ExtractaClient(this.client());
    try {
      const rows = list.map((batch) => startOf(client, batch, options));
      this.ctx.storage.transactionSync(() => rows.forEach((row) => addOnce(ledger, row)));
      await this.#goOn();
      return rows.map(({ id }) => id);
    } finally {
      client.close();
    }
  }

  status(id) {
    const row = this.#open().ledger.get(id);
    return row && statusOf(row, this.#fault);
  }

  list({ state, after, limit = 100 } = {}) {
    const rows = this.#open().ledger.list({ state, after, limit: Math.min(limit, MOST_LISTED) });
    return rows.map((row) => statusOf(row, this.#fault));
  }

  async cancel(id) {
    const { ledger, deliveries } = this.#open();
    ledger.settled(id, "cancelled", Date.now());
    deliveries.cancel(id);
    this.#step?.drop(id);
    this.#changed(id);
    await this.#goOn();
    return this.status(id);
  }

  // Word came, from a webhook say, that a batch may be finished: its polls ask at the next permitted moment.
  async nudge(batch) {
    const { ledger } = this.#open();
    const rows = ledger.ofBatch(batch);
    for (const { id } of rows) {
      ledger.later(id, 0);
      this.#step?.nudge(id);
    }
    if (rows.length > 0) await this.#goOn();
    return rows.map(({ id }) => id);
  }

  // `GET …?id=…&id=…`: the statuses of these polls, and their changes, as server-sent events.
  async fetch(request) {
    const ids = new URL(request.url).searchParams.getAll("id");
    const statuses = ids.map((id) => this.status(id));
    if (request.method !== "GET") return new Response(null, { status: 405, headers: { allow: "GET" } });
    if (ids.length === 0 || statuses.includes(undefined)) return new Response(null, { status: 404 });
    return this.#feed.watch(statuses);
  }

  // Runs at least once for each time it was set, and takes nothing for granted but what is stored.
  async alarm() {
    const { storage } = this.ctx;
    // Before all else: should this one be cut off, and its repetitions too, there is another.
    await storage.setAlarm(Date.now() + WATCHDOG_MS);
    if (this.#step) return;
    const { ledger } = this.#open();
    try {
      this.#opensAt ??= this.#recover();
      if (this.#opensAt > Date.now()) return await storage.setAlarm(this.#opensAt);
      await this.#work();
    } catch (error) {
      this.#faults += 1;
      this.#fault = isExtractaError(error) ? error.message : "client(), or its token function, threw an error.";
      this.#giveUpOverdue();
      return await storage.setAlarm(Date.now() + Math.min(1_000 * 2 ** this.#faults, LONGEST_FAULT_WAIT_MS));
    }
    this.#faults = 0;
    this.#fault = undefined;
    ledger.forget(Date.now() - this.keepMs);
    await this.#goOn();
  }

  async #work() {
    const { ledger, deliveries } = this.#open();
    this.#step = new Step({
      ledger,
      deliveries,
      clientOptions: this.client(),
      sync: () => this.ctx.storage.sync(),
      changed: (id) => this.#changed(id),
      workMs: this.workMs,
    });
    try {
      await this.#step.run();
    } finally {
      this.#step = undefined;
    }
  }

  // What an earlier life of the object left: until when its last request keeps a lane closed, and whom it was asking for.
  #recover() {
    const { ledger } = this.#open();
    const now = Date.now();
    for (const { id, asking, nextAt } of ledger.cutOff()) {
      if (asking >= MOST_CUT_OFF) {
        const message = `The Durable Object stopped ${asking} times in the middle of asking for this batch: its reply may be too large.`;
        ledger.ended(id, { outcome: "failed", error: { code: "RETRIES_EXHAUSTED", message }, now });
      } else if (asking > 1) {
        ledger.later(id, Math.max(nextAt, now + this.retryMs * 2 ** asking));
      }
    }
    return ledger.lanesOpenAt();
  }

  // Without a client a deadline still counts.
  #giveUpOverdue() {
    const { ledger } = this.#open();
    const now = Date.now();
    for (const { id } of ledger.overdue(now)) {
      const message = `The poll's time was over before it could ask: ${this.#fault}`;
      ledger.ended(id, { outcome: "failed", error: { code: "POLL_TIMEOUT", message }, now });
      this.#changed(id);
    }
  }

  // There may be something to do sooner than was known.
  async #goOn() {
    if (this.#step) return this.#step.takeDue();
    const next = this.#open().ledger.nextAt(this.keepMs);
    if (next === undefined) await this.ctx.storage.deleteAlarm();
    else await this.ctx.storage.setAlarm(Math.max(next, Date.now()));
  }

  #changed(id) {
    if (this.#feed.isWatched(id)) this.#feed.publish(this.status(id));
  }

  // On first use: a constructor that reads or writes would hold up, and if it threw end, every object of the class.
  #open() {
    if (!this.#opened) {
      const ledger = new Ledger(this.ctx.storage);
      const deliveries = new Deliveries({
        ledger,
        deliver: (...all) => this.deliver(...all),
        changed: (id) => this.#changed(id),
        settings: () => ({ timeoutMs: this.deliveryTimeoutMs, retryMs: this.retryMs }),
      });
      this.#opened = { ledger, deliveries };
    }
    return this.#opened;
  }
}

// The same id again is the same poll, so that whoever is unsure whether a start arrived may repeat it.
function addOnce(ledger, row) {
  if (ledger.add(row)) return;
  const known = ledger.get(row.id);
  if (JSON.stringify(known.batch) !== JSON.stringify(row.batch)) throw new Error(`The id ${row.id} is that of another batch.`);
}
