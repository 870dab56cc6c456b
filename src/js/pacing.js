// Lanes shared beyond this realm: how those are asked who decide, and the one kind of them that comes with the package.
import * as decide from "./reservation.js";

const NAME = "extracta-wasm.lanes.1";

// Beyond the realm no gap is shorter: word needs time to get around. pacing.rs has the same.
const LEAST_GAP_MS = 200;

// A lane is asked for again no sooner and no later.
const SHORTEST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 60_000;

// Who holds the lock for longer was frozen by force: a browser leaves a page that holds one alone.
const LOCK_LASTS_MS = 1_000;

// A lane that has been open for so long, with nobody waiting, needs no record.
const RECORD_LASTS_MS = 60_000;

let member;
let opening;
let hasWorked;

// Asks who decides for the next slot: 0, or how long to wait. One that was granted is of no use half a gap later: until the
// gap is over the request must be on its way, and word of that there.
export async function reserve(shared, endpoint, key, ms) {
  const gapMs = Math.max(ms, LEAST_GAP_MS);
  const askedAt = Date.now();
  const waitMs = await shared.reserve({ ...named(endpoint, key), gapMs });
  if (waitMs > 0 && waitMs < Infinity) return Math.min(Math.max(waitMs, SHORTEST_WAIT_MS), LONGEST_WAIT_MS);
  if (waitMs === 0 && Date.now() - askedAt <= gapMs / 2) return 0;
  throw new Error(waitMs === 0 ? "The slot was granted too late." : "Neither 0 nor a number of milliseconds.");
}

// Keeps the lane closed for everybody: once, or, renewed for as long as the promise `sent` is pending, and once more when it
// is not. A failure is nobody's: the lane was only kept for less long.
export function hold(shared, endpoint, key, ms, sent, longestMs) {
  const closedForMs = Math.max(ms, LEAST_GAP_MS);
  const renew = async () => {
    try {
      await shared.hold({ ...named(endpoint, key), closedForMs });
    } catch {}
  };
  renew();
  if (!sent) return;
  const timer = setInterval(renew, closedForMs / 2);
  const end = () => {
    clearInterval(timer);
    clearTimeout(limit);
    renew();
  };
  // Should nobody be left to end the request.
  const limit = setTimeout(() => clearInterval(timer), longestMs);
  sent.then(end, end);
}

function named(endpoint, key) {
  member ??= Math.random().toString(36).slice(2);
  return { lane: `${endpoint} ${key.toString(36)}`, member };
}

// The record is read, decided on and written in one transaction, and a lock is held around it: it is fair, is freed when a
// page crashes, and keeps the browser from freezing this one in the middle.
export function origin(onEvent) {
  let isAlone;
  const change = async (decision, request) => {
    if (isAlone) return 0;
    try {
      const database = await (opening ??= open());
      const waitMs = await locked(() => changed(database, decision, request));
      hasWorked = true;
      return waitMs;
    } catch (error) {
      opening = undefined;
      // What has worked failed for once; or the lock was taken away, so it is there.
      if (hasWorked || error.name === "AbortError") throw error;
      isAlone = true;
      try {
        onEvent?.({ type: "pacing", scope: "page", reason: `Web Locks and IndexedDB cannot be used: ${error.message}` });
      } catch {}
      return 0;
    }
  };
  return {
    reserve: (request) => change(decide.reserve, request),
    hold: (request) => change((...all) => ({ record: decide.hold(...all) }), request),
  };
}

async function locked(run) {
  const { locks } = navigator;
  try {
    return await locks.request(NAME, { signal: AbortSignal.timeout(LOCK_LASTS_MS) }, run);
  } catch (error) {
    if (error.name !== "TimeoutError") throw error;
    return locks.request(NAME, { steal: true }, run);
  }
}

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME);
    request.onupgradeneeded = () => request.result.createObjectStore(NAME);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

// All lanes are one value, so that those of tokens long gone go with the next write.
function changed(database, decision, { lane, ...request }) {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(NAME, "readwrite");
    const store = transaction.objectStore(NAME);
    const reading = store.get(NAME);
    let waitMs;
    reading.onsuccess = () => {
      const now = Date.now();
      const lanes = Object.entries(reading.result ?? {}).filter(([, { closedUntil }]) => closedUntil + RECORD_LASTS_MS > now);
      const records = Object.fromEntries(lanes);
      ({ record: records[lane], waitMs } = decision(records[lane], request, now));
      store.put(records, NAME);
    };
    transaction.oncomplete = () => resolve(waitMs);
    transaction.onabort = () => reject(transaction.error);
  });
}
