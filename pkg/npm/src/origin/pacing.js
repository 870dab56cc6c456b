// Lanes shared by all tabs and workers of a web origin.
import * as decide from "./reservation.js";

const NAME = "extracta-wasm.lanes.1";

// Who holds the lock for longer was frozen by force: a browser leaves a page that holds one alone.
const LOCK_LASTS_MS = 1_000;

// A lane that has been open for so long needs no record.
const RECORD_LASTS_MS = 60_000;

let opening;
let hasWorked;

// The record is read, decided on and written in one transaction, and a lock is held around it: it is fair, is freed when a
// page crashes, and keeps the browser from freezing this one in the middle.
export function originPacing({ onFallback } = {}) {
  if (onFallback !== undefined && typeof onFallback !== "function") throw new TypeError("onFallback must be a function.");
  let isAlone = false;
  // The page has its lanes to itself from now on: its own queue has granted the slot that is asked for.
  const alone = (reason) => {
    if (isAlone) return 0;
    isAlone = true;
    try {
      onFallback?.(reason);
    } catch {}
    return 0;
  };
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
      return alone(`Web Locks and IndexedDB cannot be used: ${error.message}`);
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
