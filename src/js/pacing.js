// Lanes shared beyond this realm: how those are asked who decide, and the one kind of them that comes with the package.
import { hold, reserve } from "./reservation.js";

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

// Asks who decides for the next slot, or to hold the lane. Slots come in gaps of LEAST_GAP_MS or more. One that was granted is
// of no use half a gap later: until the gap is over the request must be on its way, and word of that there. A failure to hold
// is nobody's: the lane was only kept for less long.
export async function ask(shared, isHold, endpoint, key, milliseconds) {
  member ??= Math.random().toString(36).slice(2);
  const request = { lane: `${endpoint} ${key.toString(36)}`, member };
  const ms = Math.max(milliseconds, LEAST_GAP_MS);
  if (isHold) {
    try {
      await shared.hold({ ...request, closedForMs: ms });
    } catch {}
    return 0;
  }
  const askedAt = Date.now();
  const waitMs = await shared.reserve({ ...request, gapMs: ms });
  if (waitMs > 0 && waitMs < Infinity) return Math.min(Math.max(waitMs, SHORTEST_WAIT_MS), LONGEST_WAIT_MS);
  if (waitMs === 0 && Date.now() - askedAt <= ms / 2) return 0;
  throw new Error(waitMs === 0 ? "The slot was granted too late." : "Neither 0 nor a number of milliseconds.");
}

// The record is read, decided on and written in one transaction, and a lock is held around it: it is fair, is freed when a
// page crashes, and keeps the browser from freezing this one in the middle.
export function origin(onEvent) {
  let isAlone;
  const change = async (decide, request) => {
    if (isAlone) return 0;
    try {
      const database = await (opening ??= open());
      const waitMs = await locked(() => changed(database, decide, request));
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
    reserve: (request) => change(reserve, request),
    hold: (request) => change((...all) => ({ record: hold(...all) }), request),
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
function changed(database, decide, { lane, ...request }) {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(NAME, "readwrite");
    const store = transaction.objectStore(NAME);
    const reading = store.get(NAME);
    let waitMs;
    reading.onsuccess = () => {
      const now = Date.now();
      const lanes = Object.entries(reading.result ?? {}).filter(([, { closedUntil }]) => closedUntil + RECORD_LASTS_MS > now);
      const records = Object.fromEntries(lanes);
      ({ record: records[lane], waitMs } = decide(records[lane], request, now));
      store.put(records, NAME);
    };
    transaction.oncomplete = () => resolve(waitMs);
    transaction.onabort = () => reject(transaction.error);
  });
}
