// Whom the Worker refuses, asked in workerd and by a real browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { expect } from "../../xtask/expect.mjs";
import { demoUrl, withDemo } from "../page/browser.mjs";
import { STANDIN, assertNothingArrives } from "./standin.mjs";

const RESULTS = demoUrl("api/extracta/getBatchResults");

/** Asks as a program can, with any headers. */
function ask({ url = RESULTS, method = "POST", headers = {}, batchId = "refused" }) {
  const own = { origin: new URL(demoUrl()).origin, "content-type": "application/json" };
  const body = method === "POST" ? JSON.stringify({ extractionId: "e", batchId }) : undefined;
  return fetch(url, { method, body, headers: { ...own, ...headers }, redirect: "manual" });
}

test("only the two results paths lead on, only by POST, and only for the page's own origin", async () => {
  // A later reason shows that the earlier ones did not apply: type and length are looked at last.
  const refused = [
    [404, { url: demoUrl("api/extracta/uploadFiles") }],
    [404, { url: demoUrl("api/v1/getBatchResults") }],
    [404, { url: demoUrl("api/extracta/documentClassification/getResults/") }],
    [405, { method: "GET" }],
    [405, { method: "OPTIONS", headers: { "access-control-request-method": "POST" } }],
    [403, { headers: { origin: "https://evil.example" } }],
    [403, { headers: { origin: STANDIN } }],
    [403, { headers: { "sec-fetch-site": "same-site" } }],
    [415, { headers: { "content-type": "text/plain" } }],
    [413, { batchId: "b".repeat(5_000) }],
  ];
  for (const [status, how] of refused) {
    const answer = await ask(how);
    assert.equal(answer.status, status, JSON.stringify(how));
    assert.equal((await answer.json()).status, "error");
    assert.equal(answer.headers.get("access-control-allow-origin"), null);
  }
  await assertNothingArrives("refused");
});

test("a page of another origin gets nothing, however it asks", async () => {
  await withDemo("", async (page) => {
    // Any page that is not the Worker's; another port is another origin.
    await page.goto(`${STANDIN}/_standin`);
    const answered = [];
    page.on("response", (response) => response.url() === RESULTS && answered.push(response.status()));
    const outcomes = await page.evaluate(async (url) => {
      const body = JSON.stringify({ extractionId: "e", batchId: "foreign" });
      const json = { "content-type": "application/json" };
      const ways = [{ headers: json }, { headers: json, credentials: "include" }, {}, { mode: "no-cors" }];
      const ask = (way) => fetch(url, { method: "POST", body, ...way }).then(({ type }) => type, ({ name }) => name);
      return Promise.all(ways.map(ask));
    }, RESULTS);
    // The last is sent, as a form would be; its answer is a refusal that the page may not even read.
    assert.deepEqual(outcomes, ["TypeError", "TypeError", "TypeError", "opaque"]);
    await expect.poll(() => answered).toContain(403);
    assert.ok(answered.every((status) => [403, 405].includes(status)), String(answered));
  }, { answers: { [STANDIN]: (route) => route.continue() } });
  await assertNothingArrives("foreign");
});

test("the page cannot be framed by another", async () => {
  const answer = await fetch(demoUrl());
  assert.equal(answer.headers.get("content-security-policy"), "frame-ancestors 'none'");
});
