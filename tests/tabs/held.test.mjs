// A page behind a proxy that holds requests: what is held ends when the page is left, and begins anew when it is come back to.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { launch } from "../../xtask/chromium.mjs";
import { HUNG_MS, expect } from "../../xtask/expect.mjs";
import { HoldingProxy } from "../node-package/holding.mjs";
import { fromEnvironment } from "../page/environment.mjs";

const PAGE = `<!doctype html><meta charset="utf-8"><title>A page that polls</title>
<script type="module">
  import { ExtractaClient } from "/pkg/index.js";
  const client = new ExtractaClient({ baseUrl: "/api", minIntervalMs: 100 });
  const batches = ["a", "b", "c"].map((batchId) => ({ extractionId: "any", batchId }));
  window.attempts = [];
  window.done = Promise.all(batches.map((batch, n) => client.pollUntilDone(batch, { onProgress: ({ attempt }) => (window.attempts[n] = attempt) })));
  addEventListener("pageshow", ({ persisted }) => persisted && (document.title = "back"));
</script>`;

let browser;

before(async () => {
  // Playwright turns the cache of pages off that were left.
  browser = await launch(fromEnvironment("CHROMIUM", "the path of a Chromium"), [], { ignoreDefaultArgs: ["--disable-back-forward-cache"] });
});

after(() => browser?.close());

/** Runs `use` with a page that polls three batches through a proxy that holds. */
async function withPage(use) {
  const proxy = new HoldingProxy();
  const server = await proxy.listen(async ({ url }, outgoing) => {
    if (url.startsWith("/pkg/")) {
      const script = await readFile(new URL(`../../pkg/npm/dist/${url.slice(5)}`, import.meta.url));
      return void outgoing.writeHead(200, { "content-type": "text/javascript" }).end(script);
    }
    outgoing.writeHead(200, { "content-type": "text/html" }).end(url === "/" ? PAGE : "<!doctype html><title>elsewhere</title>");
  });
  const page = await browser.newPage();
  page.setDefaultTimeout(HUNG_MS);
  try {
    await page.goto(`${server.url}/`);
    await use(page, proxy, server.url);
  } finally {
    await page.close();
    server.close();
  }
}

const IDS = ["a", "b", "c"];
const areHeld = (proxy) => expect.poll(() => proxy.here.toSorted(), "what is held").toEqual(IDS);
const everyoneKnows = (proxy) => expect.poll(() => IDS.every((id) => proxy.of(id).at(-1)?.prefer !== undefined), "all of them until there is news").toBe(true);

async function assertFinishes(page, proxy) {
  const answered = IDS.map((id) => proxy.of(id).filter(({ outcome }) => outcome === 200).length);
  IDS.forEach((id) => proxy.change(id));
  assert.deepEqual(await page.evaluate(async () => (await window.done).map(({ done }) => done)), [true, true, true]);
  assert.deepEqual(await page.evaluate(() => window.attempts), answered.map((count) => count + 1), "what was called off is no attempt");
}

test("a page that is left ends what is held, and one that is come back to holds it anew", () =>
  withPage(async (page, proxy, url) => {
    await areHeld(proxy);
    await everyoneKnows(proxy);
    await page.goto(`${url}/elsewhere`);
    await expect.poll(() => proxy.here.length, "what is held").toBe(0);
    const before = proxy.requests.length;
    await page.goBack({ waitUntil: "commit" });
    await expect(page).toHaveTitle("back");
    await areHeld(proxy);
    await everyoneKnows(proxy);
    assert.equal(proxy.requests.length, before + 3, "each once, and nothing while it was away");
    await assertFinishes(page, proxy);
  }));

test("whatever shows the page again, it goes on", () =>
  withPage(async (page, proxy) => {
    await areHeld(proxy);
    await everyoneKnows(proxy);
    for (const event of ["pageshow", "visibilitychange"]) {
      const before = proxy.requests.length;
      await page.evaluate(() => void dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
      await expect.poll(() => proxy.here.length, "what is held").toBe(0);
      await page.waitForTimeout(500);
      assert.equal(proxy.requests.length, before, "nothing is sent while it is away");
      await page.evaluate((event) => void (event === "pageshow" ? window : document).dispatchEvent(new Event(event)), event);
      await areHeld(proxy);
    }
    await everyoneKnows(proxy);
    await assertFinishes(page, proxy);
  }));
