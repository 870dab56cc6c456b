// A poll on the demo page, from start to results, and its ends that are no results.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { autostart, card, inState, withDemo } from "./browser.mjs";

const FLOOR_MS = 2_000;

async function saved(page, testId) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId(testId).click()]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

test("an extraction: progress, then fields, raw JSON and CSV", () =>
  withDemo("", async (page, requests) => {
    await page.getByTestId("kind-extraction").check();
    await page.getByTestId("template-id").fill("my-template");
    await page.getByTestId("batch-id").fill("demo-invoices");
    await page.getByTestId("start").click();
    const poll = card(page);
    assert.equal(await poll.getByTestId("poll-status").textContent(), "Waiting");

    // After the second poll some files are there, and the next poll is counted down to.
    await poll.getByTestId("file-row").first().waitFor({ timeout: 30_000 });
    assert.equal(await poll.getAttribute("data-state"), "waiting");
    await poll.locator(".counts").getByText(/^[1-4] of 5 files finished/).waitFor();
    await poll.getByTestId("poll-countdown").getByText(/^Next poll in [12] s$/).waitFor();
    assert.ok(await poll.getByTestId("poll-countdown").isVisible());
    const between = await poll.getByTestId("poll-progress").evaluate((progress) => [progress.value, progress.max]);
    assert.ok(between[0] > 0 && between[0] < 5 && between[1] === 5, String(between));

    await inState(page, "done");
    assert.equal(await poll.getByTestId("poll-status").textContent(), "Done");
    assert.equal(await poll.locator(".counts").textContent(), "5 of 5 files finished, 1 failed");
    assert.deepEqual(await poll.getByTestId("poll-progress").evaluate((progress) => [progress.value, progress.max]), [5, 5]);
    assert.equal(await poll.getByTestId("poll-countdown").textContent(), "");
    assert.equal(await poll.getByTestId("poll-cancel").isVisible(), false);

    const rows = poll.getByTestId("file-row");
    assert.equal(await rows.count(), 5);
    const statuses = await rows.evaluateAll((list) => list.map((row) => row.dataset.status));
    assert.deepEqual(statuses.toSorted(), ["failed", "processed", "processed", "processed", "processed"]);
    const failed = poll.locator('[data-testid="file-row"][data-status="failed"]');
    assert.match(await failed.textContent(), /The image is too dark to read/);

    // Nested: an object within the result, and a list of objects as a table of its own.
    const stationery = rows.filter({ hasText: "Invoice 1001 Example Stationery.pdf" });
    assert.ok(await stationery.getByText("Alex Example", { exact: true }).isVisible());
    assert.ok(await stationery.getByRole("cell", { name: "Pencils, box", exact: true }).isVisible());

    await poll.getByText("Raw JSON", { exact: true }).click();
    const raw = JSON.parse(await poll.getByTestId("raw-json").textContent());
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

    const seen = await requests();
    assert.equal(seen.length, 4);
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
    assert.ok((await rows.count()) > 1);
    assert.ok(await rows.first().getByText("95%", { exact: true }).isVisible());
    const raw = JSON.parse(await sorted.getByTestId("raw-json").textContent());
    assert.equal(raw.classificationId, "demo-classification");
    for (const [index, file] of raw.files.entries()) {
      assert.ok(await rows.nth(index).getByText(file.result.documentType, { exact: true }).isVisible());
    }

    const linked = raw.files.find((file) => file.extraction).extraction;
    await sorted.getByTestId("follow-extraction").first().click();
    await page.getByTestId("poll-card").nth(1).waitFor();
    await inState(page, "waiting", "done");
    const endpoints = (await requests()).map(({ endpoint }) => endpoint);
    assert.equal(endpoints[0], "/documentClassification/getResults");
    await page.locator('[data-testid="poll-card"][data-state="done"]').nth(1).waitFor({ timeout: 30_000 });
    const followed = JSON.parse(await card(page).getByTestId("raw-json").textContent());
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
    assert.equal(await poll.getByTestId("poll-status").textContent(), "Cancelled");
    assert.equal(await poll.getByTestId("poll-error").getAttribute("data-code"), "AbortError");
    const before = (await requests()).length;
    assert.ok(before > 0);
    await page.waitForTimeout(2 * FLOOR_MS);
    assert.equal((await requests()).length, before);
    assert.equal(await poll.getByTestId("poll-countdown").textContent(), "");

    await poll.getByTestId("poll-again").click();
    await inState(page, "waiting");
    await page.waitForRequest(/\/api\/v1\/getBatchResults$/);
    await poll.getByTestId("poll-cancel").click();
    await inState(page, "cancelled");
  }));

test("polls side by side keep the floor together", () =>
  withDemo(autostart("done"), async (page, requests) => {
    await page.getByTestId("batch-id").fill("with-failure");
    await page.getByTestId("start").click();
    await page.locator('[data-testid="poll-card"][data-state="done"]').nth(1).waitFor({ timeout: 30_000 });
    const seen = await requests();
    assert.deepEqual(seen.map(({ violation }) => violation), [false, false]);
    assert.ok(seen[1].arrivedMs - seen[0].arrivedMs >= FLOOR_MS);
  }));

const FAILURES = [
  { batch: "http-401", code: "UNAUTHENTICATED", title: /key was refused/, advice: /Check that the key/ },
  { batch: "http-404", code: "NOT_FOUND", title: /No such batch/, advice: /Check both ids/ },
  { batch: "error-style-error", code: "API_ERROR", title: /answered with an error/, advice: /an id is wrong/, fact: /Invalid request/ },
  { batch: "forever", code: "POLL_TIMEOUT", title: /Not finished in time/, advice: /may still finish/, fact: /waiting ×/, more: { timeout: "1" } },
];

for (const { batch, code, title, advice, fact, more } of FAILURES) {
  test(`${batch}: words that a person can act on`, () =>
    withDemo(autostart(batch, more), async (page) => {
      const poll = card(page);
      await inState(page, "error");
      const panel = poll.getByTestId("poll-error");
      assert.equal(await panel.getAttribute("data-code"), code);
      const [heading, words] = await panel.locator("p").allTextContents();
      assert.match(heading, title);
      assert.match(words, advice);
      if (fact) assert.match(await panel.locator("dl").textContent(), fact);
      assert.ok(await panel.getByTestId("poll-again").isVisible());
      assert.equal(await poll.getByTestId("poll-status").textContent(), "Error");
    }));
}

test("html-502: the page says that it tries again, and does", () =>
  withDemo(autostart("html-502-then-done"), async (page, requests) => {
    const poll = card(page);
    await poll.getByTestId("poll-note").getByText("Attempt 1 failed (SERVER). Trying again.", { exact: true }).waitFor();
    assert.equal(await poll.getAttribute("data-state"), "waiting");
    await inState(page, "done");
    assert.equal(await poll.getByTestId("poll-note").isVisible(), false);
    assert.deepEqual((await requests()).map(({ httpStatus }) => httpStatus), [502, 502, 200]);
  }));

test("a field that is at fault gets the keyboard", () =>
  withDemo(autostart("http-404"), async (page) => {
    await inState(page, "error");
    await card(page).getByTestId("fix-field").click();
    assert.equal(await page.evaluate(() => document.activeElement.id), "batch-id");
  }));
