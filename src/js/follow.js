// A classification with its linked extractions followed: each linked batch is one more poll, whose files join theirs.

import { isExtractaError } from "./error.js";

const failed = (error) => ({ status: "failed", error });

// Starts the classification with `client[method](subject, …)` and returns what runs. `tell` takes the progress of the whole.
export function follow(client, method, subject, options, timeoutMs, tell) {
  const links = new Map(); // By linked batch: the files that wait for it, and once it has settled, what joins a file.
  const polls = [];
  let fail;
  const failure = new Promise((resolve, reject) => (fail = reject));
  failure.catch(() => {}); // Raced below, maybe later than it comes.
  let latest;
  let attempt = 0;
  let elapsedMs = 0;

  const start = (method, subject, more) => {
    const poll = client[method](subject, { ...options, followExtractions: false, ...more });
    polls.push(poll);
    return poll;
  };
  // Joins to the file what its link brought. False while that is still to come.
  const complete = (file) => {
    const key = keyOf(file);
    const joined = key && links.get(key)?.joined;
    if (joined) file.extracted = joined(file);
    return !key || joined !== undefined;
  };
  const report = (facts, files) => {
    const { counts, results } = latest;
    results.files.forEach(complete);
    const waiting = [...links.values()].reduce((sum, { held }) => sum + held.length, 0);
    results.done &&= waiting === 0;
    tell?.({
      ...latest,
      ...facts,
      attempt,
      elapsedMs,
      counts: { ...counts, processed: counts.processed - waiting, pending: counts.pending + waiting },
      newFiles: files.filter(complete),
    });
  };

  const begin = async (ids, link) => {
    const startedMs = elapsedMs;
    const onProgress = ({ elapsedMs: sinceMs, nextPollInMs, queuePosition, results }) => {
      attempt++;
      elapsedMs = Math.max(elapsedMs, startedMs + sinceMs);
      if (!results.done) report({ nextPollInMs, queuePosition }, []);
    };
    const remainingMs = Math.max(1, timeoutMs - elapsedMs);
    try {
      const hints = { expectedFiles: link.held.length, initialDelayMs: 0, timeoutMs: remainingMs };
      const { files } = await start("watch", ids, { ...hints, onProgress }).result;
      link.joined = (file) => pick(files, file) ?? failed("The linked extraction has no such file.");
    } catch (error) {
      // Its own failure is told on its files; what ends everything (an abort, a close, a callback's exception) is not its own.
      if (!isExtractaError(error) || error.code === "CLOSED") throw error;
      link.joined = () => failed(`${error.code}: ${error.message}`);
    }
    const files = link.held.splice(0);
    latest.results.done = latest.counts.pending === 0;
    report({ nextPollInMs: undefined }, files);
  };

  const onProgress = (progress) => {
    latest = progress;
    attempt++;
    elapsedMs = Math.max(elapsedMs, progress.elapsedMs);
    const fresh = [];
    for (const file of progress.newFiles) {
      const key = keyOf(file);
      if (complete(file)) continue;
      if (!links.has(key)) fresh.push([file.extraction, links.set(key, { held: [] }).get(key)]);
      links.get(key).held.push(file);
    }
    report({}, progress.newFiles);
    for (const [{ extractionId, batchId }, link] of fresh) {
      link.settled = begin({ extractionId, batchId }, link).catch(fail);
    }
  };

  const first = start(method, subject, { onProgress });
  const cancel = (reason) => polls.forEach((poll) => poll.cancel(reason));
  const run = async () => {
    const results = await first.result;
    await Promise.all([...links.values()].map(({ settled }) => settled));
    return results;
  };
  const result = Promise.race([run(), failure]);
  result.catch(cancel);
  return {
    result,
    cancel,
    nudge: () => polls.forEach((poll) => poll.nudge()),
    snapshot: () => first.snapshot(),
  };
}

function keyOf({ status, extraction }) {
  const { extractionId, batchId } = extraction ?? {};
  return status !== "failed" && extractionId && batchId && JSON.stringify([extractionId, batchId]);
}

// The file of the linked batch that belongs to `file`: by id, else by name, else the only one.
function pick(files, { fileName, extraction: { fileId } }) {
  const possible = files.filter((file) => !fileId || !file.fileId || file.fileId === fileId);
  return (
    possible.find((file) => fileId && file.fileId === fileId) ??
    possible.find((file) => fileName && file.fileName === fileName) ??
    (possible.length === 1 ? possible[0] : undefined)
  );
}
