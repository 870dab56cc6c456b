// What a poll is made of when it is started.
import { bare } from "../own.js";
import { checkNumber, checkStart } from "./ranges.js";

const DAY_MS = 86_400_000;

// The delay between attempts is bounded, so it is for the deadline to end them.
const MAX_RETRIES = 10_000;

// Ids go into headers and keys.
const ID = /^[!-~]{1,200}$/;

// What is stored of a batch's ids, and of a target.
const LONGEST_TEXT = 4_000;

const IDS = ["extractionId", "classificationId", "batchId", "fileId"];
const HINTS = ["expectedFiles", "priority"];
const OPTIONS = ["intervalMs", "initialDelayMs", "maxRetries", "requestTimeoutMs", "onUnknownStatus", "followExtractions"];

// A new row. The client checks the ids and the options, and throws an ExtractaError that names the one at fault.
export function startOf(client, clock, given, startOptions) {
  const { deliver: target, timeoutMs = DAY_MS, deliverWithinMs = DAY_MS, ...others } = bare(startOptions);
  const unknown = Object.keys(others).find((name) => !OPTIONS.includes(name));
  if (unknown) throw new TypeError(`${unknown} is not an option of a durable poll.`);
  checkStart(bare({ ...others, deliverWithinMs }));
  if (typeof timeoutMs !== "number") checkNumber(timeoutMs, "timeoutMs", 1, Infinity);
  if (typeof given !== "object" || given === null) throw new TypeError("A batch must be an object of its ids.");
  const { id = crypto.randomUUID() } = bare(given);
  if (typeof id !== "string" || !ID.test(id)) throw new TypeError("id must be a string of 1 to 200 visible ASCII characters.");
  const batch = picked(given, IDS);
  const options = { maxRetries: MAX_RETRIES, ...picked(given, HINTS), ...others };
  const snapshot = snapshotOf(client, batch, { ...options, timeoutMs });
  if (JSON.stringify(batch).length > LONGEST_TEXT) throw new TypeError(`The ids of a batch must be no longer than ${LONGEST_TEXT} characters together.`);
  const createdAt = clock.now();
  const deadlineAt = timeoutMs === Infinity ? null : createdAt + timeoutMs;
  return { id, batch, options, target: targetText(target), snapshot, createdAt, deadlineAt, nextAt: createdAt + JSON.parse(snapshot).dueInMs, attempts: 0, deliverWithinMs };
}

// The poll before its first request, which it does not get to send here.
function snapshotOf(client, batch, options) {
  const watch = client.watch(batch, options);
  const snapshot = watch.snapshot();
  watch.cancel();
  return snapshot;
}

function targetText(target) {
  const text = JSON.stringify(target) ?? "null";
  if (text.length > LONGEST_TEXT) throw new TypeError(`deliver must be no longer than ${LONGEST_TEXT} characters as JSON.`);
  return text;
}

function picked(object, names) {
  const members = bare(object);
  return Object.fromEntries(names.filter((name) => members[name] !== undefined).map((name) => [name, members[name]]));
}
