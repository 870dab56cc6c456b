// Pages in Chromium.
import { after } from "node:test";
import { launch } from "../../../xtask/chromium.mjs";
import { expect } from "../../../xtask/expect.mjs";
import { Missing } from "./missing.mjs";
import { assertPolledToTheEnd, baseUrl, newToken } from "./poll.mjs";

// Not a limit on how fast anything is: only so that a page that never reports fails its test instead of hanging it.
const HUNG_MS = 600_000;

let launched;
after(async () => (await launched?.catch(() => undefined))?.close());

export function executable() {
  if (!process.env.CHROMIUM) throw new Missing("no Chromium found: install chromium, or set CHROMIUM to its path");
  return process.env.CHROMIUM;
}

function browser() {
  launched ??= launch(executable());
  return launched;
}

export async function chromiumVersion() {
  return (await browser()).version();
}

/** Opens a page that polls. `wasm` is how many wasm files it is to fetch, if that is to be judged. */
export async function pollOnPage(t, address, { wasm } = {}) {
  const token = newToken();
  let wasmFiles = 0;
  const onResponse = (response) => (wasmFiles += response.headers()["content-type"] === "application/wasm" ? 1 : 0);
  await assertPolledToTheEnd(await reportOf(t, `${address}?${new URLSearchParams({ api: baseUrl, token })}`, { onResponse }), token);
  if (wasm !== undefined) await expect.poll(() => wasmFiles, "wasm files that the page fetched").toBe(wasm);
}

/** Opens a page and gives what it reports in its <output>. */
export async function reportOf(t, address, options) {
  return reported(await openPage(t, address, options));
}

/** The same on a page that there is. */
export async function reportOn(page, address) {
  const trouble = troubleOn(page, () => true);
  await page.goto(address, { timeout: HUNG_MS });
  return reported({ page, trouble });
}

async function reported({ page, trouble }) {
  const report = page.locator("output:not(:empty)");
  await Promise.race([report.waitFor({ timeout: HUNG_MS }), trouble]);
  return report.textContent();
}

/**
 * Opens a page in a context of its own. `trouble` rejects upon an error on the page, and upon one in its console, a violated
 * content policy included, unless the page is to meet with failing requests, which Chromium lists there.
 */
export async function openPage(t, address, { onResponse = () => {}, requestsMayFail = false } = {}) {
  const context = await (await browser()).newContext();
  t.after(() => context.close());
  await context.route("**/favicon.ico", (route) => route.fulfill({ status: 204 })); // That apps have none is no error of theirs.
  const page = await context.newPage();
  page.on("response", onResponse);
  const trouble = troubleOn(page, (message) => !requestsMayFail || message.location().url === address);
  await page.goto(address, { timeout: HUNG_MS });
  return { page, trouble };
}

/** Rejects upon an error on the page, and upon one in its console that counts. */
function troubleOn(page, counts) {
  const trouble = new Promise((_, reject) => {
    page.on("pageerror", reject);
    page.on("console", (message) => {
      if (message.type() === "error" && counts(message)) reject(new Error(`${message.text()} ${message.location().url}`));
    });
  });
  trouble.catch(() => {});
  return trouble;
}
