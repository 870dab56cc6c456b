// Pages of many visitors at once, through the Worker, on the account's one lane.
import assert from "node:assert/strict";
import { test } from "node:test";
import { expect } from "../../xtask/expect.mjs";
import { FLOOR_MS, demoUrl, withDemo } from "../page/browser.mjs";
import { STANDIN, arrivals } from "./standin.mjs";

const RESULTS = demoUrl("api/extracta/getBatchResults");
const { origin } = new URL(RESULTS);

/** Polls a batch in a page, as any app does. */
const pollIn = (page, batch) =>
  page.evaluate(async (batch) => {
    const { ExtractaClient } = await import("/pkg/index.js");
    const client = new ExtractaClient({ baseUrl: "/api/extracta" });
    return (await client.pollUntilDone(batch)).files.length;
  }, batch);

test("eight pages poll on one account: none is refused, and each slot is used", async () => {
  const batches = Array.from({ length: 8 }, (_, nth) => ({ extractionId: "pages", batchId: `waits-${"0".repeat(nth + 1)}2` }));
  const files = [];
  await Promise.all(batches.map((batch) => withDemo("", async (page) => void files.push(await pollIn(page, batch)))));
  assert.deepEqual(files, Array(8).fill(3));
  const all = (await Promise.all(batches.map(({ batchId }) => arrivals(batchId)))).flatMap(({ all }) => all);
  assert.equal(all.length, 8 * 3);
  assert.ok(all.every(({ violation, status }) => !violation && status !== 429));
  const times = all.map(({ arrivedMs }) => arrivedMs).sort((one, other) => one - other);
  for (const [nth, at] of times.slice(1).entries()) assert.ok(at - times[nth] >= FLOOR_MS, "the 2 seconds were not kept");
});

test("a page that knows a state waits for the next", async () => {
  const ask = (prefer) =>
    fetch(RESULTS, { method: "POST", headers: { origin, "content-type": "application/json", prefer }, body: JSON.stringify({ extractionId: "held", batchId: "forever" }) });
  const first = await ask("wait=15");
  assert.equal(first.status, 200);
  const since = first.headers.get("extracta-state");
  const nothing = await ask(`wait=5; since="${since}"`);
  assert.deepEqual([nothing.status, nothing.headers.get("preference-applied")], [204, "wait=5"]);
});

test("the demo shows several visitors on one account, each in a realm of its own, and what arrived at the API", () => {
  const servedBy = { source: "proxy", baseUrl: "/api/extracta", scripted: true, standin: STANDIN };
  const body = `export const SERVED_BY = ${JSON.stringify(servedBy)};`;
  const answers = { [STANDIN]: (route) => route.continue() };
  return withDemo("", async (page) => {
    await expect(page.locator("#visitors"), "a deployed page has no batches for them").toBeHidden();
    await page.route("**/served-by.js", (route) => route.fulfill({ contentType: "text/javascript", body }));
    await page.reload();
    await page.getByTestId("visitor-count").fill("3");
    const workers = [];
    page.on("worker", (worker) => workers.push(worker.url()));
    await page.getByTestId("start-visitors").click();
    const card = page.getByTestId("visitors-card");
    await expect(card.getByTestId("visitor")).toHaveCount(3);
    await expect(card.locator(".source-label")).toHaveText("made-up results");
    await card.and(page.locator('[data-state="done"]')).waitFor();
    assert.deepEqual(workers, Array(3).fill(demoUrl("visitor.js")));
    await expect(card.getByTestId("visitor")).toHaveText([1, 2, 3].map((nth) => new RegExp(`^Visitor ${nth}: done, 3 of 3 files finished; \\d requests, waited \\d+ s$`)));
    await expect(card.getByTestId("visitors-sum")).toContainText("3 of 3 visitors done");
    // Each batch is finished at its third request.
    await expect(card.getByTestId("visitors-upstream")).toHaveText(/^9 requests to the API, 0 refused, never closer than \d+\.\d\d s$/);

    await page.getByTestId("start-visitors").click();
    await expect(card).toHaveCount(2);
    await card.first().getByTestId("poll-cancel").click();
    await expect(card.first()).toHaveAttribute("data-state", "cancelled");
    await card.first().getByTestId("poll-remove").click();
    await expect(card).toHaveCount(1);
  }, { answers });
});
