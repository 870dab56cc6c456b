// Pages in Chromium, through the playwright-core that xtask/package.json brings.
import { createRequire } from "node:module";
import { after } from "node:test";
import { Missing } from "./consumer.mjs";
import { assertPolledToTheEnd, baseUrl, newToken } from "./poll.mjs";

const { chromium } = createRequire(new URL("../../../xtask/package.json", import.meta.url))("playwright-core");

// Chromium's sandbox does not work as root.
const AS_ROOT = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
const QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

let launched;
after(async () => (await launched?.catch(() => undefined))?.close());

function browser() {
  const executablePath = process.env.CHROMIUM;
  if (!executablePath) throw new Missing("no Chromium found: install chromium, or set CHROMIUM to its path");
  launched ??= chromium.launch({ executablePath, args: [...AS_ROOT, ...QUIET] });
  return launched;
}

export async function chromiumVersion() {
  return (await browser()).version();
}

/**
 * Opens a page that polls, waits for what it reports in its <output>, and gives how many wasm files it fetched. An error
 * on the page or in its console, a violated content policy included, ends the wait.
 */
export async function pollOnPage(t, address) {
  const token = newToken();
  const context = await (await browser()).newContext();
  t.after(() => context.close());
  await context.route("**/favicon.ico", (route) => route.fulfill({ status: 204 })); // That apps have none is no error of theirs.
  const page = await context.newPage();
  let wasmFiles = 0;
  page.on("response", (response) => (wasmFiles += response.headers()["content-type"] === "application/wasm" ? 1 : 0));
  const trouble = new Promise((_, reject) => {
    page.on("pageerror", reject);
    page.on("console", (message) => message.type() === "error" && reject(new Error(`${message.text()} ${message.location().url}`)));
  });
  trouble.catch(() => {});
  await page.goto(`${address}?${new URLSearchParams({ api: baseUrl, token })}`);
  const report = page.locator("output:not(:empty)");
  await Promise.race([report.waitFor({ timeout: 120_000 }), trouble]);
  await assertPolledToTheEnd(await report.textContent(), token);
  return wasmFiles;
}
