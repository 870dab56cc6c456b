// Deliveries in, answers out: each event once, and the polls that wait for its batches told to look.
import { WebhookError, isWebhookError } from "./error.js";
import { batchKey } from "./event.js";
import { settingsOf, verifyWebhook } from "./verify.js";

export class WebhookReceiver {
  #options;
  #seen;
  // For each batch, its watches.
  #followed = new Map();

  constructor(options) {
    settingsOf(options);
    const { seen = new LatestIds(10_000), ...verifying } = options;
    if (typeof seen?.has !== "function" || typeof seen.add !== "function") {
      throw new WebhookError("INVALID_OPTION", "seen must have the functions has and add, as a Set does.");
    }
    this.#seen = seen;
    this.#options = verifying;
  }

  follow(watch, batch) {
    if (typeof watch?.nudge !== "function" || typeof watch.result?.then !== "function") {
      throw new WebhookError("INVALID_OPTION", "follow takes what client.watch(batch) gives, and the batch.");
    }
    if (typeof batch?.extractionId !== "string" || typeof batch.batchId !== "string") {
      throw new WebhookError("INVALID_OPTION", "follow takes the extractionId and the batchId of an extraction: no webhook tells of others.");
    }
    const key = batchKey(batch);
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
    const event = await verifyWebhook(delivery, this.#options);
    if (await this.#seen.has(event.id)) return { event, duplicate: true };
    for (const batch of event.batches) {
      // What a webhook says ends no poll: it is a reason to ask, and the lane says when.
      for (const watch of this.#followed.get(batchKey(batch)) ?? []) nudge(watch);
    }
    await onEvent?.(event);
    // Not before: what could not be taken in may come again.
    await this.#seen.add(event.id);
    return { event, duplicate: false };
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
