// Chromium, and pages of the demo that report what must not happen.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { launch } from "../../xtask/chromium.mjs";
import { HUNG_MS, expect } from "../../xtask/expect.mjs";
import { fromEnvironment } from "./environment.mjs";

export { fromEnvironment };

export function demoUrl(path = "") {
  return new URL(path, fromEnvironment("EXTRACTA_DEMO_URL", "the address where the demo is served, http://127.0.0.1:PORT/ say")).href;
}

/** What the API asks for from one request to the next. */
export const FLOOR_MS = 2_000;

let browser;

before(async () => {
  browser = await launch(fromEnvironment("CHROMIUM", "the path of a Chromium"));
});

after(() => browser?.close());

/** A profile of its own: its pages share their origin's storage and locks with each other, and nobody else. */
export async function newContext(options) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(HUNG_MS);
  return context;
}

/**
 * Runs `use` on a fresh page of the demo, and with it a function that gives the page's requests as the stand-in saw them.
 * Whatever the page did, it must not have opened a dialog, broken its own content policy, thrown an error or talked to
 * another server than the demo's; `answers` may answer for other servers.
 */
export async function withDemo(path, use, { answers = {}, ...contextOptions } = {}) {
  const context = await newContext({ acceptDownloads: true, ...contextOptions });
  const trouble = [];
  try {
    // The first route registered is asked last: what nobody answers for stays here.
    await context.route((url) => url.origin !== new URL(demoUrl()).origin, (route) => {
      trouble.push(`a request to ${route.request().url()}`);
      return route.abort();
    });
    for (const [origin, answer] of Object.entries(answers)) await context.route(`${origin}/**`, answer);
    const page = await context.newPage();
    page.on("dialog", (dialog) => {
      trouble.push(`a dialog: ${dialog.message()}`);
      return dialog.dismiss();
    });
    page.on("pageerror", (error) => trouble.push(`an error: ${error}`));
    page.on("popup", (popup) => trouble.push(`a window: ${popup.url()}`));
    await page.exposeBinding("reportViolation", (_, violation) => trouble.push(`a violated content policy: ${violation}`));
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => window.reportViolation(`${event.violatedDirective} ${event.blockedURI}`));
    });
    let token;
    page.on("request", (request) => {
      if (request.url().startsWith(demoUrl("api/v1/"))) token = request.headers().authorization?.replace("Bearer ", "");
    });
    await page.goto(demoUrl(path));
    await use(page, async () => {
      await expect.poll(() => token, "a request of the page").toBeTruthy();
      return requestsOf(token);
    });
    // What went wrong in the last moment is reported in a task of its own.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
    assert.deepEqual(trouble, []);
  } finally {
    await context.close();
  }
}

/** The query that starts a poll of a scripted batch at once. */
export function autostart(batch, more = {}) {
  return `?${new URLSearchParams({ batch, kind: "extraction", autostart: "1", ...more })}`;
}

export function card(page) {
  return page.getByTestId("poll-card").first();
}

/** Waits until the page's newest poll is in one of the states. */
export function inState(page, ...states) {
  const selector = states.map((state) => `[data-testid="poll-card"][data-state="${state}"]`).join(", ");
  return page.locator(selector).first().waitFor();
}

/**
 * Waits for a moment that passes, which `isThere` knows when it runs in the page. Called before what leads to it, and looked for
 * from frame to frame: seen from here it could be over between two looks.
 */
export function passes(page, isThere) {
  return page.waitForFunction(isThere, undefined, { polling: "raf" });
}

/** Opens whatever is folded away, what is built only then included. */
export async function unfold(page) {
  const foldedNow = () => page.evaluate(async () => {
    const folded = [...document.querySelectorAll("details:not([open])")];
    // The page builds what was folded away in a listener of its own, which came before this one.
    await Promise.all(folded.map((details) => new Promise((resolve) => {
      details.addEventListener("toggle", resolve, { once: true });
      details.open = true;
    })));
    return folded.length;
  });
  await expect.poll(foldedNow, "what is still folded away").toBe(0);
  await page.waitForFunction(() => [...document.querySelectorAll("details")].every(({ childElementCount }) => childElementCount > 1));
}

/** The results that are shown as raw JSON within `shown`, once there are any. */
export async function rawResults(shown) {
  const raw = shown.getByTestId("raw-json");
  await expect(raw).toHaveText(/^\{.*\}$/s);
  return JSON.parse(await raw.textContent());
}

/** After the end of what asked: once what was on its way has arrived, nothing does for two floors. */
export async function noMoreArrives(page, requests) {
  await page.waitForTimeout(FLOOR_MS);
  const before = (await requests()).length;
  assert.ok(before > 0);
  await page.waitForTimeout(2 * FLOOR_MS);
  assert.equal((await requests()).length, before);
}

/** All a page holds where a secret could be found: what it shows, and whatever it keeps. */
export function everythingOn(page) {
  return page.evaluate(async () => ({
    html: document.documentElement.outerHTML,
    fields: [...document.querySelectorAll("input, select, textarea")].map((field) => field.value),
    url: location.href,
    history: JSON.stringify(history.state),
    cookie: document.cookie,
    storage: JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
    databases: JSON.stringify(await indexedDB.databases()),
    caches: JSON.stringify(await caches.keys()),
    resources: performance.getEntries().map(({ name }) => name),
    globals: Object.values(window).filter((value) => typeof value === "string"),
  }));
}

/** The requests of the page's polls, as the stand-in saw them: each page load draws a token, and has lanes of its own. */
async function requestsOf(token) {
  return (await fetch(demoUrl(`_standin/log?token=${encodeURIComponent(token)}`))).json();
}
