// The page as the Worker serves it, its polls going through the Worker to the stand-in.
import assert from "node:assert/strict";
import { test } from "node:test";
import { expect } from "../../xtask/expect.mjs";
import { FLOOR_MS, card, demoUrl, everythingOn, inState, unfold, withDemo } from "../page/browser.mjs";
import { KEY, arrivals } from "./standin.mjs";

const OWN_HEADERS = ["cache-control", "content-type", "extracta-state", "x-content-type-options"];
const TRANSPORT_HEADERS = ["connection", "content-encoding", "content-length", "date", "keep-alive", "transfer-encoding", "vary"];

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
    await expect(page.locator("#source-proxy"), "the page prefers the Worker that serves it").toBeChecked();
    await expect(page.locator("#base-url")).toHaveValue("/api/extracta");
    await expect(page.locator("#source-stand-in")).toBeHidden();
    await expect(page.locator("#scenario"), "a deployed page offers no scripted batches").toBeHidden();
    for (const id of ["#template-id", "#batch-id"]) await expect(page.locator(id)).toHaveValue("");

    await page.locator("#source-proxy").check();
    await poll(page, "my-template", "demo-invoices");
    await expect(card(page).locator(".counts")).toHaveText("5 of 5 files finished, 1 failed");
    await expect(card(page).locator(".source-label")).toHaveText("Own proxy");
    await expect(card(page).getByText("Alex Example", { exact: true })).toBeVisible();
    await unfold(page);

    const toApi = ({ url }) => url.startsWith(demoUrl("api/"));
    const requestedNow = async () => (await traffic()).filter(toApi).map(({ url, status }) => [url, status]);
    await expect.poll(requestedNow).toEqual(Array(4).fill([demoUrl("api/extracta/getBatchResults"), 200]));
    const exchanges = await traffic();
    const requested = exchanges.filter(toApi);
    for (const { request, headers } of requested) {
      assert.deepEqual(JSON.parse(request.body), { extractionId: "my-template", batchId: "demo-invoices" });
      const names = Object.keys(headers).filter((name) => !TRANSPORT_HEADERS.includes(name));
      const own = request.headers.prefer === undefined ? OWN_HEADERS : [...OWN_HEADERS, "preference-applied"].sort();
      assert.deepEqual(names.sort(), own, "other headers of the API reach the page");
      assert.equal(headers["cache-control"], "no-store");
    }
    assert.ok(exchanges.some(({ url }) => url === demoUrl("pkg/index.js")), "the scripts are not among what was seen");
    for (const { url, request } of exchanges) assert.equal(request.headers.authorization, undefined, url);
    const everything = JSON.stringify([exchanges, await everythingOn(page)]);
    assert.ok(everything.includes("Alex Example"));
    assert.ok(!everything.includes(KEY), "the key reached the page");

    await expect.poll(async () => (await arrivals("demo-invoices")).withKey.length).toBe(4);
    const { all, withKey } = await arrivals("demo-invoices");
    assert.deepEqual(withKey, all, "something came without the key");
    for (const [index, { arrivedMs, violation }] of withKey.entries()) {
      assert.equal(violation, false);
      if (index > 0) assert.ok(arrivedMs - withKey[index - 1].arrivedMs >= FLOOR_MS, "the 2 seconds were not kept");
    }
  }));

test("a classification goes its own way, and what the API refuses is reported on the page", () =>
  withDemo("", async (page) => {
    await page.getByTestId("kind-classification").check();
    await poll(page, "my-classification", "linked");
    await expect(card(page).getByText("95%", { exact: true }).first()).toBeVisible();
    const endpoints = async () => (await arrivals("linked")).withKey.map(({ endpoint }) => endpoint);
    await expect.poll(endpoints).toEqual(["/documentClassification/getResults"]);

    await page.getByTestId("batch-id").fill("http-404");
    await page.getByTestId("start").click();
    await inState(page, "error");
    await expect(card(page).getByTestId("poll-error")).toHaveAttribute("data-code", "NOT_FOUND");
  }));

test("the client says what the Worker says", () =>
  withDemo("", async (page) => {
    const failure = await page.evaluate(async () => {
      const { ExtractaClient } = await import("/pkg/index.js");
      const client = new ExtractaClient({ baseUrl: "/api/extracta" });
      const batch = { extractionId: "e", batchId: "redirect" };
      return client.getBatchResults(batch).then(() => null, ({ code, httpStatus, serverMessage }) => ({ code, httpStatus, serverMessage }));
    });
    const serverMessage = "The API redirects, which the proxy does not follow. Check the proxy's baseUrl.";
    assert.deepEqual(failure, { code: "SERVER", httpStatus: 502, serverMessage });
  }));

test("the page of the demo offers the batches of the stand-in behind the Worker, and says that it is one", () => {
  const servedBy = { source: "proxy", baseUrl: "/api/extracta", scripted: true };
  const body = `export const SERVED_BY = ${JSON.stringify(servedBy)};`;
  return withDemo("", async (page) => {
    await page.route("**/served-by.js", (route) => route.fulfill({ contentType: "text/javascript", body }));
    await page.reload();
    await expect(page.getByText("Not the service.")).toBeVisible();
    await expect(page.locator("#batch-id")).toHaveValue("demo-invoices");
    await page.locator("#scenario").selectOption("done");
    await page.getByTestId("start").click();
    await card(page).locator(".source-label").getByText("Own proxy: made-up results").waitFor();
    await page.locator("#source-extracta").check();
    await expect(page.getByText("Not the service.")).toBeHidden();
    await expect(page.locator("#batch-id")).toHaveValue("");
  });
});
