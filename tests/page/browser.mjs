// Chromium, and pages of the demo that report what must not happen.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { launch } from "../../xtask/chromium.mjs";

export function fromEnvironment(variable, meaning) {
  const value = process.env[variable];
  if (!value) throw new Error(`Set ${variable} to ${meaning}.`);
  return value;
}

export function demoUrl(path = "") {
  return new URL(path, fromEnvironment("EXTRACTA_DEMO_URL", "the address where the demo is served, http://127.0.0.1:PORT/ say")).href;
}

let browser;

before(async () => {
  browser = await launch(fromEnvironment("CHROMIUM", "the path of a Chromium"));
});

after(() => browser?.close());

/** A profile of its own: its pages share their origin's storage and locks with each other, and nobody else. */
export function newContext(options) {
  return browser.newContext(options);
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
    await use(page, () => requestsOf(token));
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
  return page.locator(selector).first().waitFor({ timeout: 60_000 });
}

/** Opens whatever is folded away, what is built only then included. */
export async function unfold(page) {
  await page.locator("details:not([open])").evaluateAll((list) => list.forEach((details) => (details.open = true)));
  await page.waitForFunction(() => [...document.querySelectorAll("details")].every(({ childElementCount }) => childElementCount > 1));
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
  assert.ok(token, "the page sent no request yet");
  return (await fetch(demoUrl(`_standin/log?token=${encodeURIComponent(token)}`))).json();
}
