// What a page leaves to the Worker, and the webhook that ends such a wait.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { expect } from "../../xtask/expect.mjs";
import { delivery, file } from "../node-package/webhook-sender.mjs";
import { FLOOR_MS, card, demoUrl, everythingOn, fromEnvironment, inState, withDemo } from "../page/browser.mjs";
import { KEY, arrivals, assertNothingArrives } from "./standin.mjs";

const secret = fromEnvironment("EXTRACTA_WEBHOOK_SECRET", "the secret that the Worker's webhook was given");
const POLLS = demoUrl("api/polls/");
const { origin } = new URL(POLLS);
const fromPage = { origin, "sec-fetch-site": "same-origin" };

const start = (batch, headers) =>
  fetch(`${POLLS}getBatchResults`, { method: "POST", headers: { ...fromPage, "content-type": "application/json", ...headers }, body: JSON.stringify(batch) });
const ask = (path, { method = "GET", headers = fromPage } = {}) => fetch(`${POLLS}${path}`, { method, headers });

async function statusOf(id) {
  return (await ask(id)).json();
}

async function until(id, isWanted) {
  let status;
  const isSo = async () => isWanted((status = await statusOf(id)));
  await expect.poll(isSo, { message: `the status of ${id}`, intervals: [50] }).toBeTruthy();
  return status;
}

test("a batch left to the Worker is polled while no page is open, and its results are there for the next", async () => {
  let address;
  await withDemo("", async (page) => {
    await page.getByTestId("kind-classification").check();
    await page.getByTestId("template-id").fill("my-classification");
    await page.getByTestId("batch-id").fill("demo-inbox");
    await page.getByTestId("durable").check();
    await page.getByTestId("start").click();
    await card(page).getByText("of 5 files finished").waitFor();
    address = await card(page).getByText("watch it again later").getAttribute("href");
  });
  await withDemo(address, async (page) => {
    await inState(page, "done");
    await expect(card(page).locator(".counts")).toHaveText("5 of 5 files finished, 1 failed");
    await expect(card(page).getByTestId("file-row")).toHaveCount(5);
    const everything = JSON.stringify(await everythingOn(page));
    assert.ok(!everything.includes(KEY) && !everything.includes(secret), "a secret reached the page");
  });
  await expect.poll(async () => (await arrivals("demo-inbox")).withKey.length).toBeGreaterThanOrEqual(4);
  const { all, withKey } = await arrivals("demo-inbox");
  assert.deepEqual(withKey, all);
  assert.ok(withKey.every(({ violation }) => !violation));
});

test("what is impossible is reported on the page, and a cancelled batch ends", () =>
  withDemo("?durable=nobody", async (page) => {
    await inState(page, "error");
    await expect(card(page).getByTestId("poll-note")).toHaveText("There is no such poll.");
    await page.getByTestId("template-id").fill("my-template");
    await page.getByTestId("batch-id").fill("forever");
    await page.getByTestId("durable").check();
    await page.getByTestId("start").click();
    await card(page).getByTestId("poll-cancel").click();
    await inState(page, "cancelled");
  }));

test("only the page's own origin starts, reads and cancels", async () => {
  const batch = { extractionId: "e", batchId: "never-asked" };
  const { id } = await (await start({ extractionId: "e", batchId: "forever" })).json();
  const foreign = [{ origin: "https://evil.example", "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "same-site" }, {}];
  for (const headers of foreign) {
    assert.equal((await start(batch, { origin: "https://evil.example", ...headers })).status, 403);
    for (const path of [id, `${id}/events`, `${id}/results`]) assert.equal((await ask(path, { headers })).status, 403);
    assert.equal((await ask(id, { method: "DELETE", headers })).status, 403);
  }
  for (const path of ["", "nobody", "nobody/events", "nobody/results", `${id}/results`, `${id}/else`]) assert.equal((await ask(path)).status, 404, path);
  assert.equal((await ask(id, { method: "PUT" })).status, 405);
  assert.equal((await start({ ...batch, deliver: { callback: "https://evil.example" } })).status, 400);
  assert.equal((await (await ask(id, { method: "DELETE" })).json()).state, "cancelled");
  await assertNothingArrives("never-asked");
});

test("Extracta's webhook ends a wait at once, and a forged one does nothing", async () => {
  const batch = { extractionId: "hooked", batchId: "waits-1" };
  const { id } = await (await start(batch)).json();
  await until(id, ({ attempts }) => attempts === 1);
  const tell = (how) => {
    const { headers, body } = delivery([file("f1", batch)], how);
    return fetch(demoUrl("api/webhook"), { method: "POST", headers, body });
  };
  assert.equal((await tell({ secret: "E_AI_K_of-somebody-else" })).status, 401);
  assert.equal((await fetch(demoUrl("api/webhook"))).status, 405);
  // Nor later: had it counted, the next request would have come as soon as the lane was free.
  await setTimeout(FLOOR_MS + 500);
  assert.equal((await statusOf(id)).attempts, 1);
  assert.equal((await tell({ secret })).status, 200);
  const { state, attempts } = await until(id, ({ settledAt }) => settledAt);
  assert.deepEqual([state, attempts], ["delivered", 2]);
  const { results } = await (await ask(`${id}/results`)).json();
  assert.equal(results.files.length, 3);
});

test("a batch is polled once, however often it is left to the Worker, and anew once that has ended", async () => {
  const batch = { extractionId: "twice", batchId: "forever" };
  const ids = new Set();
  for (const _ of [1, 2, 3]) ids.add((await (await start(batch)).json()).id);
  const [id] = ids;
  assert.equal(ids.size, 1);
  assert.notEqual((await (await start({ ...batch, fileId: "f" })).json()).id, id);
  await ask(id, { method: "DELETE" });
  const { id: next } = await (await start(batch)).json();
  assert.notEqual(next, id);
  for (const one of [next, (await (await start({ ...batch, fileId: "f" })).json()).id]) await ask(one, { method: "DELETE" });
});

test("a malformed address, and one that can be no poll's, is 400 or 404", async () => {
  for (const path of ["%", "%E0%A4%A", "x".repeat(1_100), "%20", "%C3%A9", "a%2Fb"]) {
    for (const what of ["", "/events", "/results"]) assert.ok([400, 404].includes((await ask(`${path}${what}`)).status), `${path}${what}`);
    assert.ok([400, 404].includes((await ask(path, { method: "DELETE" })).status), path);
  }
});
