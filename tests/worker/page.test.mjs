// The page as the Worker serves it, its polls going through the Worker to the stand-in.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { card, demoUrl, everythingOn, inState, unfold, withDemo } from "../page/browser.mjs";
import { KEY, arrivals } from "./standin.mjs";

const FLOOR_MS = 2_000;
const OWN_HEADERS = ["cache-control", "content-type", "x-content-type-options"];
const TRANSPORT_HEADERS = ["connection", "content-encoding", "content-length", "date", "keep-alive", "transfer-encoding", "vary"];

// Each test opens a page with a lane of its own, and all of them share the Worker's key.
beforeEach(() => setTimeout(FLOOR_MS));

/** Everything that goes over the page's connections from now on, as `{ url, request, status, headers, body }`. */
function watchTraffic(page) {
  const seen = [];
  page.on("requestfinished", (request) => seen.push(exchange(request)));
  return () => Promise.all(seen);
}

async function exchange(request) {
  const response = await request.response();
  const [sent, headers, body] = await Promise.all([request.allHeaders(), response.allHeaders(), response.body()]);
  return { url: request.url(), request: { headers: sent, body: request.postData() }, status: response.status(), headers, body: body.toString() };
}

async function poll(page, template, batch) {
  await page.getByTestId("template-id").fill(template);
  await page.getByTestId("batch-id").fill(batch);
  await page.getByTestId("start").click();
  await inState(page, "done");
}

test("a batch is polled to its end, and the key is nowhere on the page's side", () =>
  withDemo("", async (page) => {
    const traffic = watchTraffic(page);
    await page.reload();
    assert.ok(await page.locator("#source-proxy").isChecked(), "the page does not prefer the Worker that serves it");
    assert.equal(await page.locator("#base-url").inputValue(), "/api/extracta");
    assert.equal(await page.locator("#source-stand-in").isVisible(), false);
    assert.equal(await page.locator("#scenario").isVisible(), false, "a deployed page offers no scripted batches");
    assert.deepEqual([await page.locator("#template-id").inputValue(), await page.locator("#batch-id").inputValue()], ["", ""]);

    await page.locator("#source-proxy").check();
    await poll(page, "my-template", "demo-invoices");
    assert.equal(await card(page).locator(".counts").textContent(), "5 of 5 files finished, 1 failed");
    assert.equal(await card(page).locator(".source-label").textContent(), "Own proxy");
    assert.ok(await card(page).getByText("Alex Example", { exact: true }).isVisible());
    await unfold(page);

    const exchanges = await traffic();
    const asked = exchanges.filter(({ url }) => url.startsWith(demoUrl("api/")));
    assert.deepEqual(asked.map(({ url, status }) => [url, status]), Array(4).fill([demoUrl("api/extracta/getBatchResults"), 200]));
    for (const { request, headers } of asked) {
      assert.deepEqual(JSON.parse(request.body), { extractionId: "my-template", batchId: "demo-invoices" });
      const names = Object.keys(headers).filter((name) => !TRANSPORT_HEADERS.includes(name));
      assert.deepEqual(names.sort(), OWN_HEADERS, "other headers of the API reach the page");
      assert.equal(headers["cache-control"], "no-store");
    }
    assert.ok(exchanges.some(({ url }) => url === demoUrl("pkg/index.js")), "the scripts are not among what was seen");
    for (const { url, request } of exchanges) assert.equal(request.headers.authorization, undefined, url);
    const everything = JSON.stringify([exchanges, await everythingOn(page)]);
    assert.ok(everything.includes("Alex Example"));
    assert.ok(!everything.includes(KEY), "the key reached the page");

    const { all, withKey } = await arrivals("demo-invoices");
    assert.equal(withKey.length, 4);
    assert.deepEqual(withKey, all, "something came without the key");
    for (const [index, { arrivedMs, violation }] of withKey.entries()) {
      assert.equal(violation, false);
      if (index > 0) assert.ok(arrivedMs - withKey[index - 1].arrivedMs >= FLOOR_MS, "the 2 seconds were not kept");
    }
  }));

test("a classification goes its own way, and what the API refuses is told on the page", () =>
  withDemo("", async (page) => {
    await page.getByTestId("kind-classification").check();
    await poll(page, "my-classification", "linked");
    assert.ok(await card(page).getByText("95%", { exact: true }).first().isVisible());
    assert.deepEqual((await arrivals("linked")).withKey.map(({ endpoint }) => endpoint), ["/documentClassification/getResults"]);

    await page.getByTestId("batch-id").fill("http-404");
    await page.getByTestId("start").click();
    await inState(page, "error");
    assert.equal(await card(page).getByTestId("poll-error").getAttribute("data-code"), "NOT_FOUND");
  }));

test("the client says what the Worker says", () =>
  withDemo("", async (page) => {
    const failure = await page.evaluate(async () => {
      const { ExtractaClient } = await import("/pkg/index.js");
      const client = new ExtractaClient({ baseUrl: "/api/extracta" });
      const batch = { extractionId: "e", batchId: "redirect" };
      return client.getBatchResults(batch).then(() => null, ({ code, httpStatus, serverMessage }) => ({ code, httpStatus, serverMessage }));
    });
    const serverMessage = "The API redirects, which the Worker does not follow. Check the Worker's variable EXTRACTA_BASE_URL.";
    assert.deepEqual(failure, { code: "SERVER", httpStatus: 502, serverMessage });
  }));

test("the page of the demo offers the batches of the stand-in behind the Worker, and says that it is one", () => {
  const servedBy = { source: "proxy", baseUrl: "/api/extracta", scripted: true };
  const body = `export const SERVED_BY = ${JSON.stringify(servedBy)};`;
  return withDemo("", async (page) => {
    await page.route("**/served-by.js", (route) => route.fulfill({ contentType: "text/javascript", body }));
    await page.reload();
    assert.ok(await page.getByText("Not the service.").isVisible());
    assert.equal(await page.locator("#batch-id").inputValue(), "demo-invoices");
    await page.locator("#scenario").selectOption("done");
    await page.getByTestId("start").click();
    await card(page).locator(".source-label").getByText("Own proxy: made-up results").waitFor();
    await page.locator("#source-extracta").check();
    assert.equal(await page.getByText("Not the service.").isVisible(), false);
    assert.equal(await page.locator("#batch-id").inputValue(), "");
  });
});
