// From a verified body to an event: what happened, and to which files of which batches.
import { WebhookError } from "./error.js";

/** What is only ever about files of extractions. Names that this version does not know may come with anything. */
const ABOUT_FILES = ["extraction.processed", "extraction.failed", "extraction.edited", "extraction.confirmed"];

export function eventOf(name, result, id) {
  const files = result.filter(isFile);
  if (ABOUT_FILES.includes(name) && files.length < result.length) {
    throw new WebhookError("MALFORMED", "An entry of `result` lacks extractionId, batchId or status: refuse it, and poll the batch instead.");
  }
  return { event: name, batches: batchesOf(files), result, id };
}

function isFile(entry) {
  const isText = (name) => Object.hasOwn(entry, name) && typeof entry[name] === "string" && entry[name] !== "";
  return typeof entry === "object" && entry !== null && ["extractionId", "batchId", "status"].every(isText);
}

function batchesOf(files) {
  const batches = new Map();
  for (const file of files) {
    const { extractionId, batchId } = file;
    const key = batchKey(file);
    if (!batches.has(key)) batches.set(key, { extractionId, batchId, files: [] });
    batches.get(key).files.push(file);
  }
  return [...batches.values()];
}

/** One text for a batch: ids are any text. */
export function batchKey({ extractionId, batchId }) {
  return JSON.stringify([extractionId, batchId]);
}
