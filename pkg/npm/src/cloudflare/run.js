// One poll while it is in memory: the client's own poll, taken up from what is stored.
import { ExtractaClient, isExtractaError } from "extracta-wasm";
import { bare } from "../own.js";

// The client's default.
const REQUEST_TIMEOUT_MS = 30_000;

// Each has a client of its own, which tells whose request it was; lanes are the isolate's all the same.
export class Run {
  #clock;
  #client;
  #watch;
  #urls = new Set();
  #afterRequest;
  #isAsking = false;
  #attempts;
  #counts;

  // `beforeRequest(url, closedForMs)` is awaited before each request, with the longest that it can keep its lane closed;
  // `afterRequest()` is called after each that the poll goes on from.
  constructor(row, clientOptions, { clock = Date, beforeRequest, afterRequest }) {
    this.#clock = clock;
    const { fetch: send = fetch, onEvent } = clientOptions;
    const requestTimeoutMs = bare(row.options).requestTimeoutMs ?? clientOptions.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
    this.#attempts = row.attempts;
    this.#afterRequest = afterRequest;
    this.#client = new ExtractaClient({
      ...clientOptions,
      token: this.#minded(clientOptions.token),
      fetch: async (url, init) => {
        this.#isAsking = true;
        this.#urls.add(url);
        const gaps = this.#client.lanes().map(({ gapMs }) => gapMs);
        await beforeRequest(url, requestTimeoutMs + Math.max(...gaps));
        return send.call(undefined, url, init);
      },
      onEvent: (event) => {
        if (event.type === "retry") {
          this.#attempts = event.attempt ?? this.#attempts;
          this.#goesOn();
        }
        emit(onEvent, event);
      },
    });
    this.#watch = this.#begin(row);
    // Word came that the batch is finished before its time.
    if (row.nextAt < dueAt(row.snapshot)) this.#watch.nudge();
  }

  get result() {
    return this.#watch.result;
  }

  get isAsking() {
    return this.#isAsking;
  }

  // The poll as it is stored.
  get state() {
    const snapshot = this.#watch.snapshot();
    return { snapshot, nextAt: this.#clock.now() + JSON.parse(snapshot).dueInMs, attempts: this.#attempts, counts: this.#counts };
  }

  // When the lanes that were asked on open, by the wall clock. Of one with a request under way nobody knows yet.
  get lanes() {
    const known = this.#client.lanes().filter(({ inFlight }) => !inFlight);
    return [...this.#urls].flatMap((url) => {
      const lane = known.find(({ endpoint }) => url.endsWith(`/${endpoint}`));
      return lane ? [{ url, opensAt: this.#clock.now() + lane.nextSlotInMs }] : [];
    });
  }

  nudge() {
    this.#watch.nudge();
  }

  close() {
    this.#client.close();
  }

  #begin({ batch, options, outcome, deadlineAt, deliverBy, snapshot }) {
    const until = outcome === "done" ? deliverBy : deadlineAt;
    let isInLine = true; // The first word is of that only.
    const onProgress = ({ counts, attempt }) => {
      if (isInLine) return void (isInLine = false);
      if (attempt === 0) return; // Nothing was asked yet.
      this.#counts = counts;
      this.#attempts = attempt;
      this.#goesOn();
    };
    // Given anew: a poll out of time would else be given the client's default.
    const more = { timeoutMs: until === null ? Infinity : Math.max(1, until - this.#clock.now()), onProgress };
    try {
      return this.#client.resume(snapshot, { ...more, followExtractions: bare(options).followExtractions ?? false });
    } catch (error) {
      // Of another version of the package.
      if (!isExtractaError(error, "INVALID_SNAPSHOT")) throw error;
      return this.#client.watch(batch, { ...options, initialDelayMs: 0, ...more });
    }
  }

  // A key that cannot be had, or is none, is the fault of all polls alike: it is for the object to wait out, not for one poll to try
  // again.
  #minded(token) {
    if (typeof token !== "function") return token;
    return async (context) => {
      try {
        const given = await token(context);
        void new ExtractaClient({ token: given ?? "" });
        return given;
      } catch (error) {
        this.#watch.cancel(error);
        throw error;
      }
    };
  }

  // Not at once: the client is still at work on the answer, and its lane counts as taken.
  #goesOn() {
    queueMicrotask(() => {
      this.#isAsking = false;
      this.#afterRequest();
    });
  }
}

// A listener's failure is its own. What it does later, too.
function emit(onEvent, event) {
  try {
    const returned = onEvent?.(event);
    if (typeof returned?.then === "function") returned.then(undefined, () => {});
  } catch {}
}

// When the poll wants its next request, by the wall clock.
export function dueAt(snapshot) {
  const { savedAt, dueInMs } = JSON.parse(snapshot);
  return savedAt + dueInMs;
}
