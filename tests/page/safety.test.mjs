// Results are text, whatever they hold, and a key stays in memory.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { expect } from "../../xtask/expect.mjs";
import { autostart, card, everythingOn, inState, rawResults, unfold, withDemo } from "./browser.mjs";

const HOSTILE = [
  '<img src=x onerror="window.injected = true">',
  "<script>window.injected = true</script>",
  "</script><svg onload=window.injected=true>",
  "javascript:window.injected=true",
  "=1+1",
];

for (const kind of ["extraction", "classification"]) {
  test(`hostile results stay text (${kind})`, () =>
    withDemo(autostart("injection", { kind }), async (page) => {
      await inState(page, "done");
      const poll = card(page);
      await unfold(page);
      const missing = async () => {
        const shown = await poll.textContent();
        return HOSTILE.filter((text) => !shown.includes(text));
      };
      await expect.poll(missing, "what is not shown as it is").toEqual([]);
      const found = await poll.evaluate((node) => ({
        elements: [...node.querySelectorAll("img, script, svg, iframe, object, embed, style, link, form")].map((found) => found.outerHTML),
        handlers: [...node.querySelectorAll("*")].flatMap((found) => found.getAttributeNames()).filter((name) => name.startsWith("on")),
        links: [...node.querySelectorAll("a")].map((link) => new URL(link.href).protocol).filter((protocol) => !["https:", "blob:"].includes(protocol)),
        injected: window.injected,
      }));
      assert.deepEqual(found, { elements: [], handlers: [], links: [], injected: undefined });
      const rows = await poll.getByTestId("file-row").count();
      await expect(poll.locator("a"), "all but the javascript: link can be followed").toHaveCount(rows - 1);
      const links = await poll.locator("a").evaluateAll((list) => list.map((link) => [link.rel, link.target]));
      for (const link of links) assert.deepEqual(link, ["noopener noreferrer", "_blank"]);

      const [download] = await Promise.all([page.waitForEvent("download"), poll.getByTestId("download-csv").click()]);
      const cells = parseCsv((await readFile(await download.path(), "utf8")).replace(/^\uFEFF/, "")).flat();
      for (const formula of ["=1+1.pdf", "@SUM(A1:A9).pdf"]) assert.ok(cells.includes(`'${formula}`), formula);
      assert.deepEqual(cells.filter((cell) => /^[=+\-@\t\r\n]/.test(cell)), [], "cells that a spreadsheet would run");
      assert.ok(!JSON.stringify(await rawResults(poll)).includes("'=1+1"), "only the CSV is changed");
    }));
}

/** RFC 4180, strictly: rows of cells. */
function parseCsv(text) {
  const rows = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/y;
  while (cell.lastIndex < text.length) {
    const match = cell.exec(text);
    assert.ok(match, "the CSV is not RFC 4180");
    rows.at(-1).push(match[1]?.replaceAll('""', '"') ?? match[2]);
    if (match[3] === "\r\n") rows.push([]);
  }
  return rows.filter((row) => row.length > 0);
}

test("the policy of the page itself stops what it must", () =>
  withDemo("", async (page) => {
    const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute("content");
    const directives = Object.fromEntries(policy.split(";").map((directive) => directive.trim().split(/\s+(.*)/)));
    assert.equal(directives["default-src"], "'none'");
    assert.equal(directives["script-src"], "'self' 'wasm-unsafe-eval'");
    assert.equal(directives["style-src"], "'self'");
  }));

const KEY = "canary-key-5b1c";

test("with the real API the key is sent to it alone and is nowhere on the page afterwards", async () => {
  const sent = [];
  const api = async (route) => {
    const request = route.request();
    const headers = { "access-control-allow-origin": "*", "access-control-allow-headers": "*, authorization, content-type" };
    if (request.method() === "OPTIONS") return route.fulfill({ status: 204, headers });
    sent.push([request.url(), (await request.allHeaders()).authorization, request.postDataJSON()]);
    const files = [{ fileId: "f1", fileName: "a.pdf", status: "processed", result: { total: "5" } }];
    return route.fulfill({ headers, json: { extractionId: "mine", batchId: "mine-too", files } });
  };
  await withDemo("", async (page) => {
    await page.locator("#source-extracta").check();
    await page.locator("#api-key").fill(KEY);
    await page.getByTestId("template-id").fill("mine");
    await page.getByTestId("batch-id").fill("mine-too");
    await page.getByTestId("start").click();
    await inState(page, "done");
    const nowhere = await everythingOn(page);
    assert.ok(nowhere.html.includes("mine-too"), "the page shows what was found");
    assert.ok(!JSON.stringify(nowhere).includes(KEY), "the key is still on the page");
    await expect.poll(() => sent).toEqual([["https://api.extracta.ai/api/v1/getBatchResults", `Bearer ${KEY}`, { extractionId: "mine", batchId: "mine-too" }]]);
    await expect(page.locator("#api-key-state")).toHaveText(/in memory/);

    // In memory it stays, until it is forgotten.
    await expect(page.locator("#api-key")).toHaveJSProperty("required", false);
    await page.locator("#forget-key").click();
    await expect(page.locator("#api-key")).toHaveJSProperty("required", true);
    await page.locator("#api-key").evaluate((field) => field.addEventListener("invalid", () => (window.showsKeyField = true)));
    await page.getByTestId("start").click();
    await expect.poll(() => page.evaluate(() => window.showsKeyField), "the form asks for a key").toBe(true);
    await expect(page.getByTestId("poll-card"), "without a key nothing starts").toHaveCount(1);
  }, { answers: { "https://api.extracta.ai": api } });
});

test("a refused key is not shown either", async () => {
  const api = async (route) => {
    const headers = { "access-control-allow-origin": "*", "access-control-allow-headers": "*, authorization, content-type" };
    if (route.request().method() === "OPTIONS") return route.fulfill({ status: 204, headers });
    return route.fulfill({ status: 401, headers, json: { error: `Invalid token ${KEY}` } });
  };
  await withDemo("", async (page) => {
    await page.locator("#source-extracta").check();
    await page.locator("#api-key").fill(KEY);
    await page.getByTestId("template-id").fill("mine");
    await page.getByTestId("batch-id").fill("mine-too");
    await page.getByTestId("start").click();
    await inState(page, "error");
    await expect(card(page).getByTestId("poll-error")).toHaveAttribute("data-code", "UNAUTHENTICATED");
    await expect(card(page)).toContainText("Invalid token");
    assert.ok(!(await page.content()).includes(KEY));
    await card(page).getByTestId("fix-field").click();
    await expect(page.locator("#api-key")).toBeFocused();
  }, { answers: { "https://api.extracta.ai": api } });
});
