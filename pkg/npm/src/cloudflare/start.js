// What a poll is made of when it is started.
import { dueAt } from "./run.js";

const DAY_MS = 86_400_000;

// The delay between attempts is bounded, so it is for the deadline to end them.
const MAX_RETRIES = 10_000;

// Ids go into headers and keys.
const ID = /^[!-~]{1,200}$/;

const IDS = ["extractionId", "classificationId", "batchId", "fileId"];
const HINTS = ["expectedFiles", "priority"];
const OPTIONS = ["intervalMs", "initialDelayMs", "maxRetries", "requestTimeoutMs", "onUnknownStatus", "followExtractions"];

// A new row. The client checks the ids and the options, and throws an ExtractaError that names the one at fault.
export function startOf(client, given, { deliver: target, timeoutMs = DAY_MS, deliverWithinMs = DAY_MS, ...others }) {
  const unknown = Object.keys(others).find((name) => !OPTIONS.includes(name));
  if (unknown) throw new TypeError(`${unknown} is no option of a durable poll.`);
  if (!(deliverWithinMs >= 1 && deliverWithinMs < Infinity)) throw new TypeError("deliverWithinMs must be a number of milliseconds, at least 1.");
  const { id = crypto.randomUUID() } = given;
  if (typeof id !== "string" || !ID.test(id)) throw new TypeError("id must be a text of 1 to 200 visible ASCII characters.");
  const batch = picked(given, IDS);
  const options = { maxRetries: MAX_RETRIES, ...picked(given, HINTS), ...others };
  const snapshot = snapshotOf(client, batch, { ...options, timeoutMs });
  const createdAt = Date.now();
  const deadlineAt = timeoutMs === Infinity ? null : createdAt + timeoutMs;
  return { id, batch, options, target, snapshot, createdAt, deadlineAt, nextAt: dueAt(snapshot), attempts: 0, deliverWithinMs };
}

// The poll before its first request, which it does not get to send here.
function snapshotOf(client, batch, options) {
  const watch = client.watch(batch, options);
  const snapshot = watch.snapshot();
  watch.cancel();
  return snapshot;
}

function picked(object, names) {
  return Object.fromEntries(names.filter((name) => object[name] !== undefined).map((name) => [name, object[name]]));
}
