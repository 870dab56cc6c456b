// The record of all lanes of a web origin: one value in IndexedDB, read, decided on and written in one transaction. A lock is
// held around it: it is fair, is freed when a page crashes, and keeps the browser from freezing this page in the middle.

const NAME = "extracta-wasm.lanes.1";

// Who holds the lock for longer was frozen by force: a browser leaves a page that holds one alone.
const LOCK_LASTS_MS = 1_000;

// Opening takes milliseconds, unless it waits behind somebody who deletes the database, who may wait for ever for a page that
// does not close it.
const OPENING_LASTS_MS = 1_000;

let opening;

// Replaces the record with what `decide(record)` gives as `record`, and gives its `waitMs`.
export async function change(decide) {
  const database = await opened();
  try {
    return await locked(() => changed(database, decide));
  } catch (error) {
    // The connection was closed meanwhile: a new one may do.
    if (error.name !== "InvalidStateError") throw error;
    opening = undefined;
    const another = await opened();
    return locked(() => changed(another, decide));
  }
}

async function opened() {
  opening ??= open();
  const mine = opening;
  let timer;
  const late = new Promise((_, reject) => {
    const error = new Error(`IndexedDB did not open within ${OPENING_LASTS_MS} ms`);
    timer = setTimeout(() => reject(error), OPENING_LASTS_MS);
  });
  try {
    return await Promise.race([mine, late]);
  } catch (error) {
    // A request that is only late stays: when it succeeds after all, it is the one to use.
    mine.catch(() => {
      if (opening === mine) opening = undefined;
    });
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

// Without a version, whatever version somebody gave it. Whoever opens a database by name only makes an empty one.
function open(version) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, version);
    request.onupgradeneeded = () => {
      if (!hasStore(request.result)) request.result.createObjectStore(NAME);
    };
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const { result: database } = request;
      if (!hasStore(database)) {
        database.close();
        return resolve(open(database.version + 1));
      }
      const close = () => {
        database.close();
        opening = undefined;
      };
      // Somebody wants to delete it, a log-out for instance, and waits for everybody to close it.
      database.onversionchange = close;
      database.onclose = close;
      resolve(database);
    };
  });
}

function hasStore(database) {
  return database.objectStoreNames.contains(NAME);
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

function changed(database, decide) {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(NAME, "readwrite");
    const store = transaction.objectStore(NAME);
    const reading = store.get(NAME);
    let waitMs;
    reading.onsuccess = () => {
      let record;
      ({ record, waitMs } = decide(reading.result));
      store.put(record, NAME);
    };
    transaction.oncomplete = () => resolve(waitMs);
    transaction.onabort = () => reject(transaction.error);
  });
}
