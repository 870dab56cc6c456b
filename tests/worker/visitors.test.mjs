// Pages of many visitors at once, through the Worker, on the account's one lane.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FLOOR_MS, demoUrl, withDemo } from "../page/browser.mjs";
import { arrivals } from "./standin.mjs";

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
  const files = await Promise.all(batches.map((batch) => withDemo("", (page) => pollIn(page, batch))));
  assert.deepEqual(files, Array(8).fill(3));
  const all = (await Promise.all(batches.map(({ batchId }) => arrivals(batchId)))).flatMap(({ all }) => all);
  assert.equal(all.length, 8 * 3);
  assert.ok(all.every(({ violation, status }) => !violation && status !== 429));
  const times = all.map(({ arrivedMs }) => arrivedMs).sort((one, other) => one - other);
  for (const [nth, at] of times.slice(1).entries()) assert.ok(at - times[nth] >= FLOOR_MS, "the 2 seconds were not kept");
});

test("a page that knows a state waits for the next, and those who leave are asked for no more", async () => {
  const ask = (prefer, signal) =>
    fetch(RESULTS, { method: "POST", signal, headers: { origin, "content-type": "application/json", prefer }, body: JSON.stringify({ extractionId: "held", batchId: "forever" }) });
  const first = await ask("wait=15");
  assert.equal(first.status, 200);
  const since = first.headers.get("extracta-state");
  const nothing = await ask(`wait=5; since="${since}"`);
  assert.deepEqual([nothing.status, nothing.headers.get("preference-applied")], [204, "wait=5"]);
  const controller = new AbortController();
  const held = ask(`wait=20; since="${since}"`, controller.signal);
  await new Promise((resolve) => setTimeout(resolve, FLOOR_MS));
  controller.abort();
  await assert.rejects(held);
  // One may be on its way, or be asked in vain before word of the end has come.
  await new Promise((resolve) => setTimeout(resolve, FLOOR_MS));
  const count = (await arrivals("forever")).all.length;
  await new Promise((resolve) => setTimeout(resolve, 3 * FLOOR_MS));
  assert.ok((await arrivals("forever")).all.length <= count + 1);
});
