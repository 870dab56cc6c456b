// Tabs and workers of one origin on one lane, as the stand-in sees it: one tab freezes, one crashes, the others go on.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { expect as expectSoon } from "../../xtask/expect.mjs";
import { fromEnvironment, newContext } from "../page/browser.mjs";

const URL_OF_TABS = fromEnvironment("EXTRACTA_TABS_URL", "the address of the stand-in that serves tests/tabs/app, http://127.0.0.1:PORT/ say");

/** What the stand-in of this suite enforces. */
const FLOOR_MS = Number(fromEnvironment("EXTRACTA_TABS_FLOOR_MS", "the floor of that stand-in in milliseconds"));

// Not a limit on how fast anything is: only so that what hangs fails its test instead of hanging it.
const HUNG_MS = 120_000;
const expect = expectSoon.configure({ timeout: HUNG_MS });

/** Runs `use` with a function that opens tabs, the options of their clients, and the arrivals of these as the stand-in saw them. */
async function withTabs(use) {
  const context = await newContext();
  context.setDefaultTimeout(HUNG_MS);
  const token = `test-${randomUUID()}`;
  const open = async () => {
    const page = await context.newPage();
    await page.goto(URL_OF_TABS);
    await page.waitForFunction(() => "poll" in window);
    return page;
  };
  try {
    await use({ open, context, options: { token, minIntervalMs: FLOOR_MS }, seen: seenOf(token) });
  } finally {
    await context.close();
  }
}

function seenOf(token) {
  const observed = async (what) => (await fetch(new URL(`_standin/${what}?token=${token}`, URL_OF_TABS))).json();
  const arrivals = () => observed("log");
  const number = async (batchId) => (await arrivals()).filter((entry) => !batchId || entry.batchId === batchId).length;
  const atLeast = (count, batchId) =>
    expect.poll(() => number(batchId), { message: "requests", intervals: [10] }).toBeGreaterThanOrEqual(count);
  return {
    arrivals,
    gaps: async () => (await observed("gaps"))["/getBatchResults"],
    of: async (batchId) => (await arrivals()).filter((entry) => entry.batchId === batchId),
    /** Until so many requests, of the batch if one is named, have come. */
    atLeast,
    /** Until so many more have come: for what goes on until then, however late this begins to count. */
    more: async (count, batchId) => atLeast((await number(batchId)) + count, batchId),
  };
}

const start = (page, how, ...args) =>
  page.evaluate(([how, args]) => window[how](...args), [how, args]).catch((error) => ({ error }));

/**
 * Stops all that runs in a page, until the function that it gives is called. By a dialog: browsers freeze only what is hidden,
 * which no page is here. Not while it holds the lock, as no browser does that.
 */
async function freeze(page) {
  const opened = page.waitForEvent("dialog");
  page.evaluate(async () => {
    await navigator.locks.request("extracta-wasm.lanes.1", () => {});
    alert("This page stands still.");
  }).catch(() => {}); // The page may be closed meanwhile.
  const dialog = await opened;
  return () => dialog.dismiss();
}

async function crash(page) {
  const crashed = page.waitForEvent("crash");
  const session = await page.context().newCDPSession(page);
  session.send("Page.crash").catch(() => {}); // Nobody is left to answer.
  await crashed;
}

const longestHole = (arrivals) =>
  Math.max(...arrivals.slice(1).map(({ arrivedMs }, n) => arrivedMs - arrivals[n].arrivedMs));

test("three tabs and a worker keep one floor while one tab freezes and another crashes; the others finish", { timeout: 2 * HUNG_MS }, (t) =>
  withTabs(async ({ open, options, seen }) => {
    const [living, freezing, crashing] = [await open(), await open(), await open()];
    const living1 = start(living, "poll", options, ["waits-1", "waits-2", "waits-3", "waits-4", "done"]);
    const living2 = start(living, "pollInWorker", options, ["waits-5", "waits-6", "with-failure", "files-2"]);
    const [frozen, gone] = ["waits-900", "waits-901"];
    const thawed = start(freezing, "poll", options, [frozen]);
    void start(crashing, "poll", options, [gone]);
    await Promise.all([seen.atLeast(2, frozen), seen.atLeast(2, gone), seen.atLeast(1, "waits-1"), seen.atLeast(1, "waits-5")]);

    await seen.more(1, frozen);
    const thaw = await freeze(freezing);
    // What was on its way may still arrive.
    await seen.more(2);
    const untilFrozen = (await seen.of(frozen)).length;
    await seen.more(1, gone);
    await crash(crashing);
    // However long all that took, somebody polls afterwards; and what was on its way may still arrive.
    const untilCrash = (await seen.arrivals()).length;
    const living3 = start(living, "poll", options, ["files-1", "files-3", "files-4"]);
    await seen.atLeast(untilCrash + 2);
    const untilGone = (await seen.of(gone)).length;

    for (const result of [await living1, await living2, await living3]) {
      assert.deepEqual(result.alone, [], "the lane is shared");
      assert.ok(result.done?.every(Boolean), String(result.error ?? result.done));
    }
    for (const batchId of ["files-1", "files-3", "files-4"]) {
      await expect.poll(async () => (await seen.of(batchId)).length, "the living went on").toBe(1);
    }
    const arrivals = await seen.arrivals();
    assert.equal((await seen.of(frozen)).length, untilFrozen, "a frozen tab sends nothing");
    assert.equal((await seen.of(gone)).length, untilGone, "nor does one that crashed");

    await thaw();
    await seen.more(2, frozen);
    await freezing.close();
    assert.ok((await thawed).error, "it was closed in the middle of its poll");

    const { count, violations, smallestGapMs } = await seen.gaps();
    t.diagnostic(`${count} requests, the smallest gap ${smallestGapMs.toFixed()} ms, the longest hole ${longestHole(arrivals).toFixed()} ms`);
    assert.equal(violations, 0);
    assert.ok(smallestGapMs >= FLOOR_MS, `${smallestGapMs} ms`);
  }));

test("whoever keeps the lock for good, as a tab frozen by force would, is passed over", { timeout: 2 * HUNG_MS }, () =>
  withTabs(async ({ open, options, seen }) => {
    const [holding, polling] = [await open(), await open()];
    await holding.evaluate(() => new Promise((held) => {
      void navigator.locks.request("extracta-wasm.lanes.1", () => new Promise(held)).catch(() => {});
      held();
    }));
    assert.deepEqual(await start(polling, "poll", options, ["done"]), { done: [true], alone: [] });
    await expect.poll(async () => (await seen.arrivals()).length).toBe(1);
  }));

test("what is stored names nobody: no token, no id of a batch", { timeout: 2 * HUNG_MS }, () =>
  withTabs(async ({ open, options }) => {
    const tab = await open();
    assert.deepEqual(await start(tab, "poll", options, ["waits-1"]), { done: [true], alone: [] });
    const storedNow = () => tab.evaluate(async () => {
      const all = [];
      for (const { name } of await indexedDB.databases()) {
        const database = await new Promise((resolve) => (indexedDB.open(name).onsuccess = ({ target }) => resolve(target.result)));
        for (const store of database.objectStoreNames) {
          const reading = database.transaction(store).objectStore(store).getAll();
          all.push({ name, store, values: await new Promise((resolve) => (reading.onsuccess = () => resolve(reading.result))) });
        }
      }
      return { all, local: { ...localStorage } };
    });
    await expect.poll(async () => (await storedNow()).all.length).toBe(1);
    // That the last request was answered is written a moment later: until then the record has its margin.
    const membersNow = async () => Object.values((await storedNow()).all[0].values[0] ?? {}).map((record) => Object.keys(record));
    await expect.poll(membersNow).toEqual([["at", "closedUntil", "waiting"]]);
    const stored = await storedNow();
    assert.match(Object.keys(stored.all[0].values[0])[0], /^getBatchResults \w+$/);
    assert.deepEqual(stored.local, {});
    for (const secret of [options.token, "waits-1", "any-extraction"]) assert.ok(!JSON.stringify(stored).includes(secret));
  }));

const NAME = "extracta-wasm.lanes.1";

/** Puts what `spoil(record)` gives in place of the record that all share, as another script of the origin could. */
const spoil = (page, spoilt) =>
  page.evaluate(async ([name, spoilt]) => {
    const opening = indexedDB.open(name);
    const database = await new Promise((resolve) => (opening.onsuccess = () => resolve(opening.result)));
    const transaction = database.transaction(name, "readwrite");
    const store = transaction.objectStore(name);
    const reading = store.get(name);
    reading.onsuccess = () => {
      const lanes = Object.keys(reading.result);
      store.put("every" in spoilt ? Object.fromEntries(lanes.map((lane) => [lane, spoilt.every])) : { ...reading.result, ...spoilt.more }, name);
      if ("whole" in spoilt) store.put(spoilt.whole, name);
    };
    await new Promise((resolve) => (transaction.oncomplete = resolve));
    database.close();
  }, [NAME, spoilt]);

test("whatever is in the record, tabs that are open and new ones go on, and still share a lane", () =>
  withTabs(async ({ open, options, seen }) => {
    const old = await open();
    assert.deepEqual(await start(old, "poll", options, ["done"]), { done: [true], alone: [] });
    const others = { someOtherLane: null, another: "text", third: { closedUntil: {} }, fourth: { closedUntil: 1e18, waiting: [null] } };
    const kinds = [
      { more: others },
      ...[null, 7, "text", [null], { closedUntil: "soon", waiting: 1 }, { waiting: [null, { member: 1 }] }].map((every) => ({ every })),
      ...[null, 7, "text", [null], [[]], true].map((whole) => ({ whole })),
    ];
    for (const spoilt of kinds) {
      await spoil(old, spoilt);
      const tab = await open();
      const reported = await Promise.all([old, tab].map((page) => start(page, "poll", options, ["done"])));
      assert.deepEqual(reported, Array(2).fill({ done: [true], alone: [] }), JSON.stringify(spoilt));
      await tab.close();
    }
    const { count, violations } = await seen.gaps();
    assert.deepEqual([count, violations], [2 * kinds.length + 1, 0]);
    // Times that could be true: nobody can tell that they are not, but the lane heals.
    for (const every of [{ at: 1e18, closedUntil: 1e18, waiting: [] }, { at: 0, closedUntil: 0, waiting: [{ member: "gone", asksAt: 1e18 }] }]) {
      await spoil(old, { every });
      const reported = await Promise.all([old, old].map((page) => start(page, "poll", options, ["done"])));
      assert.deepEqual(reported, Array(2).fill({ done: [true], alone: [] }), JSON.stringify(every));
    }
  }));

test("a database that somebody only opened by name is made whole", () =>
  withTabs(async ({ open, options }) => {
    const tab = await open();
    await tab.evaluate(async (name) => {
      const opening = indexedDB.open(name);
      await new Promise((resolve) => (opening.onsuccess = resolve));
      opening.result.close();
    }, NAME);
    assert.deepEqual(await start(tab, "poll", options, ["done"]), { done: [true], alone: [] });
  }));

test("whoever deletes the database waits for nobody, and the polls under way go on", () =>
  withTabs(async ({ open, options, seen }) => {
    const [polling, leaving] = [await open(), await open()];
    const polled = start(polling, "poll", options, ["waits-4"]);
    await seen.atLeast(2);
    const outcome = await leaving.evaluate((name) => new Promise((resolve) => {
      const deleting = indexedDB.deleteDatabase(name);
      deleting.onblocked = () => resolve("blocked");
      deleting.onsuccess = () => resolve("deleted");
      deleting.onerror = () => resolve("failed");
    }), NAME);
    assert.equal(outcome, "deleted");
    assert.deepEqual(await polled, { done: [true], alone: [] });
    assert.equal((await seen.gaps()).violations, 0);
  }));

test("behind somebody who never lets a deletion happen, a tab has its lanes to itself, and learns so", () =>
  withTabs(async ({ open, options, seen }) => {
    const [ignoring, leaving, old] = [await open(), await open(), await open()];
    assert.deepEqual(await start(old, "poll", options, ["done"]), { done: [true], alone: [] });
    await ignoring.evaluate(async (name) => {
      const opening = indexedDB.open(name);
      window.kept = await new Promise((resolve) => (opening.onsuccess = () => resolve(opening.result)));
    }, NAME);
    await leaving.evaluate((name) => new Promise((resolve) => (indexedDB.deleteDatabase(name).onblocked = resolve)), NAME);
    const fresh = await open();
    for (const page of [old, fresh]) {
      const { done, alone } = await start(page, "poll", options, ["waits-1"]);
      assert.deepEqual(done, [true]);
      assert.equal(alone.length, 1);
      assert.match(alone[0], /^Web Locks and IndexedDB cannot be used: IndexedDB did not open within 1000 ms$/);
    }
    // Once it can be opened, lanes are shared again.
    await ignoring.close();
    await fresh.evaluate((name) => new Promise((resolve) => {
      const opening = indexedDB.open(name);
      opening.onsuccess = () => resolve(opening.result.close());
    }), NAME);
    assert.deepEqual(await start(fresh, "poll", options, ["done"]), { done: [true], alone: [] });
    assert.ok((await seen.arrivals()).length >= 5);
  }));

test("a service worker, which may not import(), shares the lane", () =>
  withTabs(async ({ open, options, seen }) => {
    const tab = await open();
    const polls = [start(tab, "poll", options, ["waits-2"]), start(tab, "pollInServiceWorker", options, ["waits-3"])];
    assert.deepEqual(await Promise.all(polls), Array(2).fill({ done: [true], alone: [] }));
    const { count, violations, smallestGapMs } = await seen.gaps();
    assert.deepEqual([count, violations], [7, 0]);
    assert.ok(smallestGapMs >= FLOOR_MS, `${smallestGapMs} ms`);
  }));

test("a long pause is believed for a request's time, and written anew while the page that got it lives", { timeout: 2 * HUNG_MS }, () =>
  withTabs(async ({ open }) => {
    const [paused, other] = [await open(), await open()];
    const lane = "getBatchResults any";
    await paused.evaluate((lane) => {
      window.pacing = originPacing();
      return window.pacing.hold({ lane, member: "a", closedForMs: 86_400_000 });
    }, lane);
    const waitMs = () => other.evaluate((lane) => (window.pacing ??= originPacing()).reserve({ lane, member: "b", gapMs: 2_000 }), lane);
    const first = await waitMs();
    assert.ok(first > 0 && first <= 32_000, `${first} ms`);
    for (let before = first, now = await waitMs(); now <= before; now = await waitMs()) {
      assert.ok(now > 0, "the lane opened while its page is there");
      before = now;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }));

const dist = (file) => readFile(new URL(`../../pkg/npm/dist/${file}`, import.meta.url), "utf8");
const address = (source) => `data:text/javascript,${encodeURIComponent(source)}`;

test("a page whose origin is opaque has its lanes to itself, and learns so once", () =>
  withTabs(async ({ open, options, seen }) => {
    const tab = await open();
    await tab.evaluate(() => {
      const frame = Object.assign(document.createElement("iframe"), { srcdoc: "<!doctype html>" });
      frame.sandbox.add("allow-scripts");
      return new Promise((resolve) => {
        frame.onload = resolve;
        document.body.append(frame);
      });
    });
    await expect.poll(() => tab.frames().length).toBe(2);
    const frame = tab.frames()[1];
    await frame.waitForFunction(() => location.href === "about:srcdoc" && document.readyState === "complete");
    const sources = [address(await dist("index.js")), address(await dist("origin.js"))];
    const reasons = await frame.evaluate(async ([sources, options]) => {
      const [{ ExtractaClient }, { originPacing }] = await Promise.all(sources.map((source) => import(source)));
      const reasons = [];
      const sharePacing = originPacing({ onFallback: (reason) => reasons.push(reason) });
      const client = new ExtractaClient({ ...options, sharePacing });
      await client.pollUntilDone({ extractionId: "e", batchId: "waits-1" });
      return reasons;
    }, [sources, { ...options, baseUrl: new URL("api/v1", URL_OF_TABS).href }]);
    assert.equal(reasons.length, 1);
    assert.match(reasons[0], /^Web Locks and IndexedDB cannot be used: \S/);
    await expect.poll(async () => [(await seen.gaps()).violations, (await seen.arrivals()).length]).toEqual([0, 2]);
  }));
