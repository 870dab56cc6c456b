// Plays the cases in whatever runtime this is loaded in, and reports the outcome of each as plain data.
import { ExtractaClient, isExtractaError } from "extracta-wasm";
import { CASES, MAX_RETRIES, tokensOf } from "./cases.mjs";

// Short, for a quick run. The stand-in keeps no floor of its own here: it would answer 429 to what a browser repeats by itself.
const FLOOR_MS = 30;

// A poll that only ever gets "waiting" continues until its deadline.
const REFUSED_MS = 3_000;

// No limit on how fast anything is: only so that what hangs is reported instead of hanging the run.
const HUNG_MS = 300_000;

// On a busy machine a body of 100 MB takes longer than the client's own 30 s. Cases that are about time have a limit of theirs.
const REQUEST_TIMEOUT_MS = 240_000;

// Browsers open six connections to a server, and a request that waits for one would run into its time limit.
const AT_ONCE = 4;

/**
 * `standin` is the address of the stand-in, `refused` one where nobody listens. `run` is what the
 * tokens of this run begin with.
 */
export async function play({ standin, refused, run }) {
  const outcomes = [];
  const left = CASES.entries();
  const worker = async () => {
    for (const [index, played] of left) outcomes[index] = await playCase(played, tokensOf(run, index), played.refused ? refused : standin);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return outcomes;
}

async function playCase(played, tokens, address) {
  const client = (token) => new ExtractaClient({ baseUrl: `${address}/api/v1`, token, minIntervalMs: FLOOR_MS, requestTimeoutMs: REQUEST_TIMEOUT_MS });
  const batch = { extractionId: "any", batchId: played.batch };
  const { maxRetries = MAX_RETRIES, ...options } = played.options ?? {};
  const timeoutMs = { waiting: 5 * FLOOR_MS, RATE_LIMITED: REFUSED_MS }[played.ends] ?? Infinity;
  // The progress of a poll is looked at as well: what reads the reply for it must stand the same replies.
  const onProgress = ({ newFiles, counts }) => newFiles.length <= counts.total || reject();
  const ask = await outcomeOf(client(tokens.ask).getBatchResults(batch, options), played);
  const poll = await outcomeOf(client(tokens.poll).pollUntilDone(batch, { ...options, maxRetries, timeoutMs, onProgress }), played);
  return { ask, poll };
}

function reject() {
  throw new Error("a progress with more new files than files");
}

async function outcomeOf(promise, { holds = () => true }) {
  let watchdog;
  const hung = new Promise((resolve) => (watchdog = setTimeout(resolve, HUNG_MS, { ends: "HUNG" })));
  try {
    return await Promise.race([hung, promise.then((results) => resultOf(results, holds), errorOf)]);
  } finally {
    clearTimeout(watchdog);
  }
}

function resultOf(results, holds) {
  if (!Array.isArray(results.files)) return { ends: "results without a list of files" };
  if (!holds(results)) return { ends: "results that do not hold what was sent" };
  return { ends: results.done ? "done" : "waiting" };
}

function errorOf(error) {
  if (!isExtractaError(error)) return { ends: `not an ExtractaError: ${error}` };
  const { code, httpStatus, serverMessage, retryable, endpoint, message, cause } = error;
  const complaints = [];
  if (!/^[^\r\n]{20,}$/.test(message)) complaints.push("the message is not one line");
  if (endpoint !== "getBatchResults") complaints.push("the endpoint is not named");
  if (JSON.parse(JSON.stringify(error)).code !== code) complaints.push("toJSON() is not the error");
  return { ends: code, httpStatus, serverMessage, retryable, cause: isExtractaError(cause) ? cause.code : undefined, complaints };
}
