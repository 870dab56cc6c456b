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
  return {
    arrivals,
    gaps: async () => (await observed("gaps"))["/getBatchResults"],
    of: async (batchId) => (await arrivals()).filter((entry) => entry.batchId === batchId),
    /** Until so many more requests, of the batch if one is named, have come. */
    more: async (count, batchId) => {
      const number = async () => (await arrivals()).filter((entry) => !batchId || entry.batchId === batchId).length;
      const enough = (await number()) + count;
      await expect.poll(number, { message: "requests", intervals: [10] }).toBeGreaterThanOrEqual(enough);
    },
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
    await Promise.all([seen.more(2, frozen), seen.more(2, gone), seen.more(1, "waits-1"), seen.more(1, "waits-5")]);

    await seen.more(1, frozen);
    const thaw = await freeze(freezing);
    // What was on its way may still arrive.
    await seen.more(2);
    const untilFrozen = (await seen.of(frozen)).length;
    await seen.more(1, gone);
    await crash(crashing);
    // However long all that took, somebody polls afterwards; and what was on its way may still arrive.
    const living3 = start(living, "poll", options, ["files-1", "files-3", "files-4"]);
    await seen.more(2);
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
    const stored = await storedNow();
    const [lane, record] = Object.entries(stored.all[0].values[0])[0];
    assert.match(lane, /^getBatchResults \w+$/);
    assert.deepEqual(Object.keys(record), ["at", "closedUntil", "waiting"]);
    assert.deepEqual(stored.local, {});
    for (const secret of [options.token, "waits-1", "any-extraction"]) assert.ok(!JSON.stringify(stored).includes(secret));
  }));

const dist = (file) => readFile(new URL(`../../pkg/npm/dist/${file}`, import.meta.url), "utf8");
const address = (source) => `data:text/javascript,${encodeURIComponent(source)}`;

test("a page whose origin is opaque has its lanes to itself, and is told so once", () =>
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
