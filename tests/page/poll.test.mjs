// A poll on the demo page, from start to results, and its ends that are no results.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { expect } from "../../xtask/expect.mjs";
import { FLOOR_MS, autostart, card, inState, noMoreArrives, passes, rawResults, withDemo } from "./browser.mjs";

async function saved(page, testId) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId(testId).click()]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

test("an extraction: progress, then fields, raw JSON and CSV", () =>
  withDemo("", async (page, requests) => {
    await page.getByTestId("kind-extraction").check();
    await page.getByTestId("template-id").fill("my-template");
    await page.getByTestId("batch-id").fill("demo-invoices");
    const poll = card(page);
    const begun = passes(page, () => {
      const card = document.querySelector('[data-testid="poll-card"][data-state="waiting"]');
      return card?.querySelector('[data-testid="poll-status"]').textContent === "Waiting";
    });
    // After the second poll some files are there, and the next poll is counted down to.
    const between = passes(page, () => {
      const card = document.querySelector('[data-testid="poll-card"][data-state="waiting"]');
      if (!card?.querySelector('[data-testid="file-row"]')) return false;
      const { max, value } = card.querySelector('[data-testid="poll-progress"]');
      const countdown = card.querySelector('[data-testid="poll-countdown"]');
      return max === 5 && value >= 1 && value <= 4 && card.querySelector(".counts").textContent.startsWith(`${value} of 5 files finished`)
        && /^Next poll in [12] s$/.test(countdown.textContent) && countdown.checkVisibility();
    });
    await Promise.all([begun, between, page.getByTestId("start").click()]);

    await inState(page, "done");
    await expect(poll.getByTestId("poll-status")).toHaveText("Done");
    await expect(poll.locator(".counts")).toHaveText("5 of 5 files finished, 1 failed");
    await expect(poll.getByTestId("poll-progress")).toHaveJSProperty("value", 5);
    await expect(poll.getByTestId("poll-progress")).toHaveJSProperty("max", 5);
    await expect(poll.getByTestId("poll-countdown")).toHaveText("");
    await expect(poll.getByTestId("poll-cancel")).toBeHidden();

    const rows = poll.getByTestId("file-row");
    await expect(rows).toHaveCount(5);
    const statuses = async () => (await rows.evaluateAll((list) => list.map((row) => row.dataset.status))).toSorted();
    await expect.poll(statuses).toEqual(["failed", "processed", "processed", "processed", "processed"]);
    const failed = poll.locator('[data-testid="file-row"][data-status="failed"]');
    await expect(failed).toContainText("The image is too dark to read");

    // Nested: an object within the result, and a list of objects as a table of its own.
    const stationery = rows.filter({ hasText: "Invoice 1001 Example Stationery.pdf" });
    await expect(stationery.getByText("Alex Example", { exact: true })).toBeVisible();
    await expect(stationery.getByRole("cell", { name: "Pencils, box", exact: true })).toBeVisible();

    await poll.getByText("Raw JSON", { exact: true }).click();
    await expect(poll.getByTestId("raw-json")).toBeVisible();
    const raw = await rawResults(poll);
    assert.deepEqual([raw.done, raw.extractionId, raw.batchId, raw.files.length], [true, "my-template", "demo-invoices", 5]);

    const csv = await saved(page, "download-csv");
    assert.equal(csv.name, "demo-invoices.csv");
    const lines = csv.text.split("\r\n");
    assert.match(lines[0], /^\uFEFFfileId,fileName,status,/);
    assert.ok(lines[0].split(",").includes("result.items.1.description"), lines[0]);
    assert.equal(lines.length, 1 + 5 + 1);
    assert.match(csv.text, /חשבונית לדוגמה\.pdf/);
    assert.match(csv.text, /"Rake, 12"""/);
    assert.deepEqual(JSON.parse((await saved(page, "download-json")).text), raw);

    await expect.poll(async () => (await requests()).length).toBe(4);
    const seen = await requests();
    seen.slice(1).forEach(({ arrivedMs }, index) => assert.ok(arrivedMs - seen[index].arrivedMs >= FLOOR_MS));
    assert.deepEqual(seen.map(({ endpoint, violation }) => `${endpoint} ${violation}`), Array(4).fill("/getBatchResults false"));
  }));

test("a classification: types with how sure they are, and its linked extraction can be polled", () =>
  withDemo("", async (page, requests) => {
    await page.getByTestId("kind-classification").check();
    await page.getByTestId("batch-id").fill("linked");
    await page.getByTestId("start").click();
    await inState(page, "done");
    const sorted = card(page);
    const rows = sorted.getByTestId("file-row");
    await expect.poll(() => rows.count()).toBeGreaterThan(1);
    await expect(rows.first().getByText("95%", { exact: true })).toBeVisible();
    const raw = await rawResults(sorted);
    assert.equal(raw.classificationId, "demo-classification");
    for (const [index, file] of raw.files.entries()) {
      await expect(rows.nth(index).getByText(file.result.documentType, { exact: true })).toBeVisible();
    }

    const linked = raw.files.find((file) => file.extraction).extraction;
    await sorted.getByTestId("follow-extraction").first().click();
    await page.getByTestId("poll-card").nth(1).waitFor();
    await inState(page, "waiting", "done");
    await expect.poll(async () => (await requests())[0]?.endpoint).toBe("/documentClassification/getResults");
    await page.locator('[data-testid="poll-card"][data-state="done"]').nth(1).waitFor();
    const followed = await rawResults(card(page));
    assert.deepEqual([followed.extractionId, followed.batchId, followed.done], [linked.extractionId, linked.batchId, true]);
  }));

test("cancelling ends the poll: no request follows, and it can be started again", () =>
  withDemo("", async (page, requests) => {
    await page.getByTestId("batch-id").fill("forever");
    await page.getByTestId("start").click();
    const poll = card(page);
    await poll.getByTestId("poll-countdown").getByText(/^Next poll in /).waitFor();
    await poll.getByTestId("poll-cancel").click();
    await inState(page, "cancelled");
    await expect(poll.getByTestId("poll-status")).toHaveText("Cancelled");
    await expect(poll.getByTestId("poll-error")).toHaveAttribute("data-code", "AbortError");
    await noMoreArrives(page, requests);
    await expect(poll.getByTestId("poll-countdown")).toHaveText("");

    await Promise.all([page.waitForRequest(/\/api\/v1\/getBatchResults$/), poll.getByTestId("poll-again").click()]);
    await inState(page, "waiting");
    await poll.getByTestId("poll-cancel").click();
    await inState(page, "cancelled");
  }));

test("polls side by side keep the floor together", () =>
  withDemo(autostart("done"), async (page, requests) => {
    await page.getByTestId("batch-id").fill("with-failure");
    await page.getByTestId("start").click();
    await page.locator('[data-testid="poll-card"][data-state="done"]').nth(1).waitFor();
    await expect.poll(async () => (await requests()).map(({ violation }) => violation)).toEqual([false, false]);
    const seen = await requests();
    assert.ok(seen[1].arrivedMs - seen[0].arrivedMs >= FLOOR_MS);
  }));

const FAILURES = [
  { batch: "http-401", code: "UNAUTHENTICATED", title: /key was refused/, advice: /Check that the key/ },
  { batch: "http-404", code: "NOT_FOUND", title: /No such batch/, advice: /Check both ids/ },
  { batch: "error-style-error", code: "API_ERROR", title: /answered with an error/, advice: /an id is wrong/, fact: /Invalid request/ },
  { batch: "forever", code: "POLL_TIMEOUT", title: /Not finished in time/, advice: /may still finish/, fact: /waiting ×/, more: { timeout: "5" } },
];

for (const { batch, code, title, advice, fact, more } of FAILURES) {
  test(`${batch}: words that a person can act on`, () =>
    withDemo(autostart(batch, more), async (page) => {
      const poll = card(page);
      await inState(page, "error");
      const panel = poll.getByTestId("poll-error");
      await expect(panel).toHaveAttribute("data-code", code);
      await expect(panel.locator("p").nth(0)).toHaveText(title);
      await expect(panel.locator("p").nth(1)).toHaveText(advice);
      if (fact) await expect(panel.locator("dl")).toHaveText(fact);
      await expect(panel.getByTestId("poll-again")).toBeVisible();
      await expect(poll.getByTestId("poll-status")).toHaveText("Error");
    }));
}

test("html-502: the page says that it tries again, and does", () =>
  withDemo("", async (page, requests) => {
    await page.getByTestId("batch-id").fill("html-502-then-done");
    const triesAgain = passes(page, () => {
      const note = document.querySelector('[data-testid="poll-card"][data-state="waiting"] [data-testid="poll-note"]');
      return note?.textContent === "Attempt 1 failed (SERVER). Trying again." && note.checkVisibility();
    });
    await Promise.all([triesAgain, page.getByTestId("start").click()]);
    await inState(page, "done");
    await expect(card(page).getByTestId("poll-note")).toBeHidden();
    await expect.poll(async () => (await requests()).map(({ httpStatus }) => httpStatus)).toEqual([502, 502, 200]);
  }));

test("a field that is at fault gets the keyboard", () =>
  withDemo(autostart("http-404"), async (page) => {
    await inState(page, "error");
    await card(page).getByTestId("fix-field").click();
    await expect(page.locator("#batch-id")).toBeFocused();
  }));
