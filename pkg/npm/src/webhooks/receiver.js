// Deliveries in, answers out: each event once, and the polls that wait for its batches nudged.
import { keep, kept } from "../kept.js";
import { own } from "../own.js";
import { WebhookError, isWebhookError } from "./error.js";
import { batchKey } from "./event.js";
import { settingsOf, verified } from "./verify.js";

// A request that was cut off in the middle leaves its event to the next copy after so long.
const TURN_LASTS_MS = 30_000;
const LONGEST_WAIT_MS = 250;

export class WebhookReceiver {
  constructor(options) {
    const settings = settingsOf(options);
    const { seen = new LatestIds(10_000) } = own(options, ["seen"]);
    if (typeof seen?.has !== "function" || typeof seen.add !== "function") {
      throw new WebhookError("INVALID_OPTION", "seen must have the functions has and add, as a Set does.");
    }
    keep(this, {
      settings,
      seen,
      /** For each batch, its watches. */
      followed: new Map(),
      /** The events that are being handed over. */
      turns: new Map(),
    });
  }

  follow(watch, batch) {
    if (typeof watch?.nudge !== "function" || typeof watch.result?.then !== "function") {
      throw new WebhookError("INVALID_OPTION", "follow takes what client.watch(batch) returns, and the batch.");
    }
    const ids = own(batch, ["extractionId", "batchId"]);
    if (typeof ids.extractionId !== "string" || typeof ids.batchId !== "string") {
      throw new WebhookError("INVALID_OPTION", "follow takes the extractionId and the batchId of an extraction: Extracta sends no webhook for others.");
    }
    const { followed } = kept(this);
    const key = batchKey(ids);
    const watches = followed.get(key) ?? new Set();
    followed.set(key, watches.add(watch));
    const forget = () => {
      watches.delete(watch);
      if (watches.size === 0 && followed.get(key) === watches) followed.delete(key);
    };
    watch.result.then(forget, forget);
    return watch;
  }

  async receive(delivery, onEvent) {
    const { settings, seen, followed, turns } = kept(this);
    const event = await verified(delivery, () => settings);
    const turn = await turnOf(turns, event.id);
    try {
      if (await seen.has(event.id)) return { event, duplicate: true };
      for (const batch of event.batches) {
        // What a webhook says ends no poll: it is a reason to ask, and the lane says when.
        for (const watch of followed.get(batchKey(batch)) ?? []) nudge(watch);
      }
      await onEvent?.(event);
      // Not before: what could not be taken in may come again.
      await seen.add(event.id);
      return { event, duplicate: false };
    } finally {
      if (turns.get(event.id) === turn) turns.delete(event.id);
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

// Copies of an event that arrive while it is being handed over wait for what becomes of it: if that fails, the next has its
// turn. Each by timers of its own, as in a Worker no request may wait for another's promise; nor may it wait for ever for one
// that was cut off.
async function turnOf(turns, id) {
  for (let waitMs = 5; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
    const now = performance.now();
    forgetTurns(turns, now);
    if (!turns.has(id)) {
      const turn = { endsAt: now + TURN_LASTS_MS };
      turns.set(id, turn);
      return turn;
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

// Those cut off; the oldest come first.
function forgetTurns(turns, now) {
  for (const [id, { endsAt }] of turns) {
    if (endsAt > now) return;
    turns.delete(id);
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
class LatestIds extends Set {
  constructor(most) {
    super();
    this.most = most;
  }

  add(id) {
    super.add(id);
    // A Set gives the oldest first.
    if (this.size > this.most) this.delete(this.values().next().value);
    return this;
  }
}
