// How a call must end, whatever it was given: soon, with results, with an error of ours or with the caller's own value, and
// without harm to the next client. A trap in the wasm would show as a RuntimeError, here or as an uncaught exception.
import assert from "node:assert/strict";
import { ExtractaClient, isExtractaError } from "extracta-wasm";
import { answering, extraction, finished, newToken, NOWHERE } from "./standin.mjs";

// No limit on how fast anything is: only so that what hangs fails its test instead of hanging it.
const HUNG_MS = 30_000;

/** Options of a client that never leaves the process. */
export function inProcess(fetch = answering(finished)) {
  return { baseUrl: NOWHERE, token: newToken(), minIntervalMs: 0, fetch };
}

/** The code of the error that a call ends with, "done", "waiting", or `{ thrown }`: what somebody else threw. */
export async function endOf(call) {
  let watchdog;
  const hung = new Promise((_, reject) => (watchdog = setTimeout(reject, HUNG_MS, new Error("the call never ended"))));
  const results = new Promise((resolve) => resolve(call()));
  try {
    return await Promise.race([results.then(({ done }) => (done ? "done" : "waiting"), thrown), hung]);
  } finally {
    clearTimeout(watchdog);
  }
}

function thrown(error) {
  assert.ok(!(error instanceof WebAssembly.RuntimeError), `a trap: ${error?.stack}`);
  return isExtractaError(error) ? error.code : { thrown: error };
}

/** A client made now polls a batch to its end. */
export async function assertNextClientWorks() {
  assert.equal(await endOf(() => new ExtractaClient(inProcess()).pollUntilDone(extraction("b"))), "done");
}
