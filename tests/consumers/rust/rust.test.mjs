// Apps of Rust users, which depend on the crate by its path.
import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "../../../xtask/expect.mjs";
import { openPage } from "../runner/chromium.mjs";
import { skipOrThrow } from "../runner/missing.mjs";
import { baseUrl, newToken, requestsOf, untilRequested } from "../runner/poll.mjs";
import { scratch, setting } from "../runner/settings.mjs";
import { standin } from "../runner/standin.mjs";
import { buildWorker, startWorker } from "../runner/workerd.mjs";

// Not a limit on how fast anything is: only so that an app that hangs fails its test.
const HUNG_MS = 300_000;

const workersApp = setting("EXTRACTA_WORKERS_APP", "the built app of workers, as `cargo xtask test rust-users` does");

/** An app on the page, which polls a batch. */
async function polling(t, batchId) {
  const token = newToken();
  const { page, trouble } = await openPage(t, `${standin}/#${token}/${batchId}`);
  const shows = (lines) => Promise.race([expect.poll(() => page.locator("output").textContent(), { timeout: HUNG_MS }).toBe(lines.join("; ")), trouble]);
  return { token, page, trouble, shows };
}

/**
 * Clicks the button of the page as soon as this poll, or a later one, is shown; gives what is shown then. In the page, before the next
 * request can go: seen from here that moment could be over.
 */
function closeAfter(page, nth) {
  return page.evaluate((nth) => new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      const text = document.querySelector("output")?.textContent ?? "";
      if (!(Number(/poll (\d+): [^;]*$/.exec(text)?.[1]) >= nth)) return;
      observer.disconnect();
      document.querySelector("button").click();
      resolve(text);
    });
    observer.observe(document, { childList: true, characterData: true, subtree: true });
  }), nth);
}

const app = (name, run) =>
  test(name, { timeout: HUNG_MS }, async (t) => {
    try {
      await run(t);
    } catch (error) {
      skipOrThrow(t, error);
    }
  });

await describe("apps of Rust users", { concurrency: 4 }, () => {
  app("Leptos: a page shows the progress of a poll to its end", async (t) => {
    const { token, shows } = await polling(t, "waits-2");
    await shows(["poll 0: 0 of 0", "poll 1: 0 of 0", "poll 2: 0 of 0", "poll 3: 3 of 3", "finished"]);
    const gaps = await (await fetch(`${standin}/_standin/gaps?token=${token}`)).json();
    assert.equal(gaps["/getBatchResults"].count, 3);
    assert.equal(gaps["/getBatchResults"].violations, 0);
  });

  app("Leptos: no request follows once the component is unmounted in the middle of a poll", async (t) => {
    const { token, page, trouble } = await polling(t, "forever");
    const lines = (await Promise.race([closeAfter(page, 2), trouble])).split("; ");
    assert.deepEqual(lines, lines.map((_, nth) => `poll ${nth}: 0 of 0`));
    await page.locator("output").waitFor({ state: "detached" });
    // Two more would have come by then.
    await delay(5_000);
    assert.equal((await requestsOf(token)).length, lines.length - 1);
  });

  app("Leptos: a request that is under way is aborted when its component is unmounted", async (t) => {
    const { token, page } = await polling(t, "never-answers");
    await untilRequested(token, 1);
    const failed = page.waitForEvent("requestfailed");
    await page.getByRole("button").click();
    assert.equal((await failed).failure().errorText, "net::ERR_ABORTED");
    await delay(5_000);
    assert.equal((await requestsOf(token)).length, 1);
  });

  app("workers-rs: a Worker answers six requests at once", async (t) => {
    const token = newToken();
    await mkdir(join(scratch, "apps"), { recursive: true });
    const folder = await mkdtemp(join(scratch, "apps", "workers-rs-"));
    await cp(workersApp, folder, { recursive: true });
    const bindings = { EXTRACTA_URL: baseUrl, EXTRACTA_API_KEY: token };
    const config = await buildWorker(t, folder, "worker.js", { compatibilityDate: "2026-11-01", bindings });
    const url = await startWorker(t, config);
    const answers = await Promise.all(
      ["done", "waits-1", "done", "waits-1", "files-5", "with-failure"].map(async (batchId) => {
        const response = await fetch(`${url}${batchId}`);
        const text = await response.text();
        assert.equal(response.status, 200, text);
        const { done, files } = JSON.parse(text);
        return `${done} ${files.map((file) => file.status).join()}`;
      }),
    );
    const three = "true processed,processed,processed";
    assert.deepEqual(answers, [three, three, three, three, "true processed,processed,processed,processed,processed", "true processed,failed,processed"]);
    const gaps = await (await fetch(`${standin}/_standin/gaps?token=${token}`)).json();
    assert.equal(gaps["/getBatchResults"].violations, 0);
  });
});
