// Deliveries in, answers out: each event once, and the polls that wait for its batches told to look.
import { own } from "../own.js";
import { WebhookError, isWebhookError } from "./error.js";
import { batchKey } from "./event.js";
import { settingsOf, verified } from "./verify.js";

// A request that was cut off in the middle leaves its event to the next copy after so long.
const TURN_LASTS_MS = 30_000;
const LONGEST_WAIT_MS = 250;

export class WebhookReceiver {
  #settings;
  #seen;
  // For each batch, its watches.
  #followed = new Map();
  // The events that are being handed over.
  #turns = new Map();

  constructor(options) {
    this.#settings = settingsOf(options);
    const { seen = new LatestIds(10_000) } = own(options, ["seen"]);
    if (typeof seen?.has !== "function" || typeof seen.add !== "function") {
      throw new WebhookError("INVALID_OPTION", "seen must have the functions has and add, as a Set does.");
    }
    this.#seen = seen;
  }

  follow(watch, batch) {
    if (typeof watch?.nudge !== "function" || typeof watch.result?.then !== "function") {
      throw new WebhookError("INVALID_OPTION", "follow takes what client.watch(batch) gives, and the batch.");
    }
    const ids = own(batch, ["extractionId", "batchId"]);
    if (typeof ids.extractionId !== "string" || typeof ids.batchId !== "string") {
      throw new WebhookError("INVALID_OPTION", "follow takes the extractionId and the batchId of an extraction: no webhook tells of others.");
    }
    const key = batchKey(ids);
    const watches = this.#followed.get(key) ?? new Set();
    this.#followed.set(key, watches.add(watch));
    const forget = () => {
      watches.delete(watch);
      if (watches.size === 0 && this.#followed.get(key) === watches) this.#followed.delete(key);
    };
    watch.result.then(forget, forget);
    return watch;
  }

  async receive(delivery, onEvent) {
    const event = await verified(delivery, () => this.#settings);
    const turn = await this.#turnOf(event.id);
    try {
      if (await this.#seen.has(event.id)) return { event, duplicate: true };
      for (const batch of event.batches) {
        // What a webhook says ends no poll: it is a reason to ask, and the lane says when.
        for (const watch of this.#followed.get(batchKey(batch)) ?? []) nudge(watch);
      }
      await onEvent?.(event);
      // Not before: what could not be taken in may come again.
      await this.#seen.add(event.id);
      return { event, duplicate: false };
    } finally {
      if (this.#turns.get(event.id) === turn) this.#turns.delete(event.id);
    }
  }

  // Copies of an event that arrive while it is being handed over wait for what becomes of it: if that fails, the next has its
  // turn. Each by timers of its own, as in a Worker no request may wait for another's promise; nor may it wait for ever for one
  // that was cut off.
  async #turnOf(id) {
    for (let waitMs = 5; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
      const now = performance.now();
      this.#forgetTurns(now);
      const current = this.#turns.get(id);
      if (!current) {
        const turn = { endsAt: now + TURN_LASTS_MS };
        this.#turns.set(id, turn);
        return turn;
      }
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }

  // Those cut off; the oldest come first.
  #forgetTurns(now) {
    for (const [id, { endsAt }] of this.#turns) {
      if (endsAt > now) return;
      this.#turns.delete(id);
    }
  }

  async handle(delivery, onEvent) {
    try {
      const { duplicate } = await this.receive(delivery, onEvent);
      return Response.json({ status: "ok", duplicate });
    } catch (error) {
      if (!isWebhookError(error) || isWebhookError(error, "INVALID_OPTION")) throw error;
      const { code, message, status } = error;
      return Response.json({ status: "error", code, message }, { status });
    }
  }
}

function nudge(watch) {
  try {
    watch.nudge();
  } catch {
    // Why it cannot be nudged any more, its result tells.
  }
}

/** The latest so many ids. */
class LatestIds {
  #ids = new Set();
  #most;

  constructor(most) {
    this.#most = most;
  }

  has(id) {
    return this.#ids.has(id);
  }

  add(id) {
    this.#ids.add(id);
    // A Set gives the oldest first.
    if (this.#ids.size > this.#most) this.#ids.delete(this.#ids.values().next().value);
  }
}
