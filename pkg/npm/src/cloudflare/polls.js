// Polls that outlive the request that started them: a Durable Object polls by alarm and delivers what is finished.
import { DurableObject } from "cloudflare:workers";
import { bare } from "../own.js";
import { keepToItself } from "./callable.js";
import { checkingClient, optionsOf } from "./client-options.js";
import { Clock } from "./clock.js";
import { Deliveries, LONGEST_WAIT_MS } from "./deliveries.js";
import { Feed } from "./feed.js";
import { Ledger } from "./ledger.js";
import { checkNumber, checkSettings, checkText } from "./ranges.js";
import { startOf } from "./start.js";
import { statusOf } from "./status.js";
import { Step } from "./step.js";
import { checkTarget, deliverTo, targetKey } from "./targets.js";
import { Fault, faultOf } from "./words.js";

const MOST_PENDING = 10_000;
const MOST_LISTED = 1_000;
const MOST_WATCHED = 1_000;

const STATES = ["polling", "delivering", "delivered", "undelivered", "cancelled"];
const LONGEST_BATCH_ID = 4_000;

// When the next alarm comes should this one be cut off: one that comes due meanwhile waits until this one has ended.
const WATCHDOG_MS = 5_000;

// With a key that is refused, say, one request in half a minute finds out whether there is another.
const LONGEST_FAULT_WAIT_MS = 30_000;

// No alarm is set for a time further away, whatever is stored.
const LONGEST_SLEEP_MS = 86_400_000;

// A wall clock that was ahead may be right again soon, and an alarm that was set by it would come too late.
const LOOKS_AFTER_MS = [5_000, 15_000];

// A lane that is closed for longer was closed by a wall clock that was wrong: the client believes no server that asks for more.
const LONGEST_CLOSED_MS = 86_400_000;

// A batch in the middle of whose request the object stopped so many times is given up: its reply may be what stops it.
const MOST_CUT_OFF = 4;

export class ExtractaPolls extends DurableObject {
  #opened;
  #clock = new Clock();
  #feed = new Feed();
  #step;
  #opensAt;
  #faults = 0;
  #faultUntil = 0;
  #looks = [];
  #alarmAt;

  // What subclasses may set.
  workMs = 30_000;
  deliveryTimeoutMs = 10_000;
  retryMs = 5_000;
  keepMs = 7 * 86_400_000;
  allowLocalCallbacks = false;

  constructor(ctx, env) {
    super(ctx, env);
    // They have the key, and sign.
    keepToItself(this, ["client", "deliver"]);
  }

  // The options of the client that polls. Asked for at each step, so that nothing of them need be stored.
  client() {
    const { EXTRACTA_API_KEY: token, EXTRACTA_BASE_URL: baseUrl } = bare(this.env);
    // Another server may be a proxy that adds the key.
    if (token === undefined && baseUrl === undefined) throw new Fault("The Worker has no secret EXTRACTA_API_KEY.");
    return { token, baseUrl };
  }

  // Delivers `{ id, batch, results }` or `{ id, batch, error }`, and resolves once it was acknowledged.
  deliver(delivery, target, { signal }) {
    return deliverTo(target, delivery, { env: this.env, signal, allowLocal: this.allowLocalCallbacks });
  }

  async start(batches, given) {
    const options = bare(given);
    const isOwn = this.deliver !== ExtractaPolls.prototype.deliver;
    if (!isOwn) checkTarget(options.deliver, this.env, { allowLocal: this.allowLocalCallbacks });
    const { ledger } = this.#open();
    const list = Array.isArray(batches) ? batches : [batches];
    const client = await checkingClient(() => this.client());
    try {
      const key = targetKey(options.deliver, isOwn);
      const rows = list.map((batch) => ({ ...startOf(client, this.#clock, batch, options), targetKey: key }));
      this.#store(ledger, rows);
      await this.#goOn();
      return rows.map(({ id }) => id);
    } finally {
      client.close();
    }
  }

  status(id) {
    const { ledger } = this.#open();
    const row = ledger.get(checkId(id));
    return row && statusOf(row, ledger.fault);
  }

  list(options) {
    const { state, after, limit = 100 } = bare(options);
    if (state !== undefined && !STATES.includes(state)) throw new TypeError(`state must be one of ${STATES.join(", ")}.`);
    if (after !== undefined && typeof after !== "string") throw new TypeError("after must be an id.");
    if (!Number.isInteger(limit)) throw new TypeError("limit must be a whole number.");
    checkNumber(limit, "limit", 1, Number.MAX_SAFE_INTEGER);
    const { ledger } = this.#open();
    const { fault } = ledger;
    return ledger.list({ state, after, limit: Math.min(limit, MOST_LISTED) }).map((row) => statusOf(row, fault));
  }

  async cancel(id) {
    const { ledger, deliveries } = this.#open();
    ledger.settled(checkId(id), "cancelled", this.#clock.now());
    deliveries.cancel(id);
    this.#step?.drop(id);
    this.#changed(id);
    await this.#goOn();
    return this.status(id);
  }

  // Word came, from a webhook say, that a batch may be finished: its polls ask at the next permitted moment.
  async nudge(batch) {
    const ids = bare(batch);
    checkText(ids.batchId, "batchId", LONGEST_BATCH_ID);
    const { ledger } = this.#open();
    const rows = ledger.ofBatch(ids);
    for (const { id } of rows) {
      ledger.later(id, 0);
      this.#step?.nudge(id);
    }
    if (rows.length > 0) await this.#goOn();
    return rows.map(({ id }) => id);
  }

  // `GET …?id=…&id=…`: the statuses of these polls, and their changes, as server-sent events.
  async fetch(request) {
    if (request.method !== "GET") return new Response(null, { status: 405, headers: { allow: "GET" } });
    const ids = new URL(request.url).searchParams.getAll("id");
    if (ids.length > MOST_WATCHED) return new Response(null, { status: 400 });
    const statuses = ids.map((id) => this.status(id));
    if (ids.length === 0 || statuses.includes(undefined)) return new Response(null, { status: 404 });
    if (this.#feed.isFull()) return new Response(null, { status: 503, headers: { "retry-after": "60" } });
    return this.#feed.watch(statuses);
  }

  // Runs at least once for each time it was set, and takes nothing for granted but what is stored.
  async alarm() {
    const { storage } = this.ctx;
    this.#clock.reached(this.#alarmAt);
    // Before all else: should this one be cut off, and its repetitions too, there is another.
    await storage.setAlarm(this.#clock.now() + WATCHDOG_MS);
    if (this.#step) return;
    try {
      this.#open();
      this.#mindClock();
      this.#opensAt ??= this.#recover();
      if (this.#opensAt > this.#clock.now()) return await storage.setAlarm(this.#opensAt);
      await this.#work();
      this.#faults = 0;
      this.#faultUntil = 0;
      this.#opened.ledger.fault = undefined;
    } catch (error) {
      this.#waitOut(error);
    }
    this.#tidy();
    await this.#goOn();
  }

  async #work() {
    const { ledger, deliveries } = this.#open();
    let clientOptions;
    let fault;
    try {
      clientOptions = await optionsOf(() => this.client());
    } catch (error) {
      fault = { error };
    }
    this.#step = new Step({
      ledger,
      clock: this.#clock,
      deliveries,
      clientOptions,
      sync: () => this.ctx.storage.sync(),
      changed: (id) => this.#changed(id),
      workMs: this.workMs,
    });
    try {
      await this.#step.run();
    } finally {
      this.#step = undefined;
    }
    if (fault) throw fault.error;
  }

  // Nothing can be polled: later, perhaps. Meanwhile a deadline still counts.
  #waitOut(error) {
    this.#faults += 1;
    this.#faultUntil = this.#clock.now() + Math.min(1_000 * 2 ** this.#faults, LONGEST_FAULT_WAIT_MS);
    const { ledger } = this.#opened ?? {};
    if (!ledger) return;
    ledger.fault = faultOf(error);
    const now = this.#clock.now();
    for (const { id } of ledger.overdue(now)) {
      const message = `The poll's time was over before it could ask: ${ledger.fault}`;
      ledger.ended(id, { outcome: "failed", error: { code: "POLL_TIMEOUT", message }, now });
      this.#changed(id);
      // An error is delivered without asking anybody.
      this.#faultUntil = Math.min(this.#faultUntil, now + 1_000);
    }
  }

  #tidy() {
    const { ledger, deliveries } = this.#opened ?? {};
    if (!ledger) return;
    const now = this.#clock.now();
    for (const id of ledger.giveUpDeliveries(now, deliveries.ids)) this.#changed(id);
    deliveries.forgetTargets();
    ledger.forget(now - this.keepMs);
  }

  // All or none.
  #store(ledger, rows) {
    const before = ledger.pending();
    try {
      this.ctx.storage.transactionSync(() => {
        const added = rows.filter((row) => addOnce(ledger, row)).length;
        if (added > 0 && before + added > MOST_PENDING) {
          throw new RangeError(`No more than ${MOST_PENDING} batches may be pending in one object: start them later, or in another.`);
        }
      });
    } catch (error) {
      ledger.recount();
      throw error;
    }
  }

  // What an earlier life of the object left: until when its last request keeps a lane closed, and whom it was asking for.
  #recover() {
    const { ledger } = this.#open();
    const now = this.#clock.now();
    for (const { id, asking, nextAt } of ledger.cutOff()) {
      if (asking >= MOST_CUT_OFF) {
        const message = `The Durable Object stopped ${asking} times in the middle of asking for this batch: its reply may be too large.`;
        ledger.ended(id, { outcome: "failed", error: { code: "RETRIES_EXHAUSTED", message }, now });
      } else if (asking > 1) {
        ledger.later(id, Math.max(nextAt, now + this.retryMs * 2 ** asking));
      }
    }
    return Math.min(ledger.lanesOpenAt(), now + LONGEST_CLOSED_MS);
  }

  #mindClock() {
    const { ledger } = this.#opened;
    if (ledger.clockWentBack(this.#clock.now(), LONGEST_WAIT_MS + this.deliveryTimeoutMs)) {
      this.#opensAt = undefined;
      this.#faultUntil = 0;
    }
  }

  // There may be something to do sooner than was known.
  async #goOn() {
    if (this.#step) return this.#step.takeDue();
    this.#looks.forEach((look) => clearTimeout(look));
    const { storage } = this.ctx;
    const now = this.#clock.now();
    if (!this.#opened) return void (await storage.setAlarm(now + Math.max(1_000, this.#faultUntil - now)));
    this.#mindClock();
    const next = this.#opened.ledger.nextAt(this.keepMs);
    if (next === undefined) return void (await storage.deleteAlarm());
    const at = Math.min(Math.max(next, now, this.#faultUntil), now + LONGEST_SLEEP_MS);
    this.#alarmAt = at;
    await storage.setAlarm(at);
    const look = () => {
      if (this.#clock.now() < now) this.ctx.waitUntil(this.#goOn());
    };
    this.#looks = LOOKS_AFTER_MS.map((ms) => setTimeout(look, ms));
  }

  #changed(id) {
    if (this.#feed.isWatched(id)) this.#feed.publish(this.status(id));
  }

  // On first use: a constructor that reads or writes would hold up, and if it threw end, every object of the class.
  #open() {
    if (!this.#opened) {
      checkSettings(this);
      const ledger = new Ledger(this.ctx.storage);
      const deliveries = new Deliveries({
        ledger,
        clock: this.#clock,
        deliver: (...all) => this.deliver(...all),
        changed: (id) => this.#changed(id),
        settings: () => ({ timeoutMs: this.deliveryTimeoutMs, retryMs: this.retryMs }),
      });
      this.#opened = { ledger, deliveries };
    }
    return this.#opened;
  }
}

// Any text may be asked for: one that no poll has is not known.
function checkId(id) {
  if (typeof id === "string") return id;
  throw new TypeError("id must be a string.");
}

// The same id again is the same poll, so that whoever is unsure whether a start arrived may repeat it.
function addOnce(ledger, row) {
  if (ledger.add(row)) return true;
  const known = ledger.get(row.id);
  if (JSON.stringify(known.batch) !== JSON.stringify(row.batch)) throw new Error(`The id ${row.id} is that of another batch.`);
  return false;
}
