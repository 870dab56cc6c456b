// What a case has to end with, by the contract's error table.
import { CODES, MAX_RETRIES } from "./app/cases.mjs";

/** What the single request ends with. Statuses that a runtime may hide are given as a list. */
export function expectedOfAsk({ ends, httpStatus, serverMessage }) {
  if (!(ends in CODES)) return { ends };
  return { ends, httpStatus: httpStatus ?? defaultStatus(ends), serverMessage, retryable: CODES[ends].retryable };
}

/** What the poll ends with, and how many requests it makes; a deadline tells nothing of that. */
export function expectedOfPoll(played) {
  const { ends, options } = played;
  if (ends === "done") return { ends, requests: 1 };
  // A 429 is pacing: it ends no poll.
  if (ends === "waiting" || ends === "RATE_LIMITED") return { ends: "POLL_TIMEOUT", retryable: true };
  const { exhausts, mostRetries = Infinity, retryable } = CODES[ends];
  if (!exhausts) return { ...expectedOfAsk(played), requests: 1 };
  const retries = Math.min(options?.maxRetries ?? MAX_RETRIES, mostRetries);
  // Without retries the failure itself is told.
  if (options?.maxRetries === 0) return { ...expectedOfAsk(played), requests: 1 };
  return { ends: "RETRIES_EXHAUSTED", cause: ends, retryable, requests: 1 + retries };
}

/** Errors told in the body come with 200; those of a connection with no status. */
function defaultStatus(code) {
  return ["NETWORK", "REQUEST_TIMEOUT"].includes(code) ? undefined : 200;
}
