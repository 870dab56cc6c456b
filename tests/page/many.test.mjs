// Many batches on the demo page: twenty of both kinds over both lanes, their order, their ends, and what stays usable.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { expect } from "../../xtask/expect.mjs";
import { FLOOR_MS, noMoreArrives, passes, rawResults, withDemo } from "./browser.mjs";

const ENDPOINTS = { extraction: "/getBatchResults", classification: "/documentClassification/getResults" };

// What only documents of the stand-in hold: their names, fields and values.
const CANARIES = ["Invoice 1001", "Alex Example", "Example item", "EX-0001", "File 1.pdf", "storage.example"];

async function start(page, { extraction = [], classification = [] }) {
  await page.getByTestId("how-many-many").check();
  await page.locator("#extraction-batches").fill(extraction.join("\n"));
  await page.locator("#classification-batches").fill(classification.join("\n"));
  await page.getByTestId("start").click();
}

function many(page) {
  return page.getByTestId("many-card").first();
}

function inState(page, state) {
  return page.locator(`[data-testid="many-card"][data-state="${state}"]`).first().waitFor({ timeout: 240_000 });
}

function ended(page) {
  return many(page).getByTestId("batches-ended").getByTestId("batch");
}

function waiting(page) {
  return many(page).getByTestId("batches-open").getByTestId("batch");
}

function batch(page, id, kind = "extraction") {
  return many(page).locator(`[data-testid="batch"][data-batch="${id}"][data-kind="${kind}"]`);
}

/** By the keyboard: what a live list moves between a mouse button's way down and up is not clicked. */
function press(control) {
  return control.press("Enter");
}

/** Opens the row of a batch that ended; gives what is built then. */
async function opened(row) {
  await press(row.locator("summary").first());
  const result = row.locator(".batch-result");
  await expect(result).toBeVisible();
  return result;
}

async function names(rows) {
  return rows.evaluateAll((list) => list.map(({ dataset }) => [dataset.kind, dataset.batch]));
}

test("twenty batches of both kinds: first finished first, an error stops nobody, and each lane keeps its floor", () =>
  withDemo("", async (page, requests) => {
    const logged = [];
    page.on("console", (message) => logged.push(message.text()));
    await page.getByTestId("how-many-many").check();
    await page.getByTestId("twenty-batches").click();
    await expect(page.locator("#extraction-batches-hint")).toHaveText("10 batches, 6 with a number of files.");
    const errorStopsNobody = passes(page, () => {
      const card = document.querySelector('[data-testid="many-card"][data-state="waiting"]');
      const isThere = card?.querySelector('[data-testid="batch"][data-batch="http-404"][data-state="error"]');
      const open = card?.querySelectorAll('[data-testid="batches-open"] [data-testid="batch"]').length;
      return isThere && open > 5 && card.querySelector('[data-testid="many-status"]').textContent === "Waiting";
    });
    await Promise.all([errorStopsNobody, page.getByTestId("start").click()]);
    await expect(batch(page, "http-404").getByTestId("batch-outcome")).toHaveText("No such batch NOT_FOUND");

    // Each batch that waits shows its place and the time to its next poll.
    await ended(page).nth(1).waitFor();
    for (const kind of Object.keys(ENDPOINTS)) {
      const row = batch(page, "one-by-one", kind);
      await row.getByTestId("batch-position").getByText(/^\d+ before it$/).waitFor();
      await row.getByTestId("batch-next-poll").getByText(/^Next poll in \d+ s$/).waitFor();
    }
    const unplaced = async () => {
      const positions = await waiting(page).getByTestId("batch-position").allTextContents();
      return positions.filter((text) => !/^(\d+ before it|Next on its lane|Asking the server…)$/.test(text)).length;
    };
    // One that was just answered with an error has no place until it is due again.
    await expect.poll(unplaced).toBeLessThanOrEqual(1);

    await inState(page, "done");
    await expect(many(page).getByTestId("many-counts")).toHaveText("20 of 20 batches finished, 2 failed");
    await expect(waiting(page)).toHaveCount(0);

    // The order of the list is the order of the last requests, as the stand-in saw them.
    await expect(ended(page)).toHaveCount(20);
    const listed = await names(ended(page));
    await expect.poll(async () => new Set((await requests()).map(({ endpoint, batchId }) => `${endpoint} ${batchId}`)).size).toBe(20);
    const seen = await requests();
    for (const [kind, endpoint] of Object.entries(ENDPOINTS)) {
      const arrivals = seen.filter((entry) => entry.endpoint === endpoint);
      const last = arrivals.filter(({ batchId }, index) => !arrivals.slice(index + 1).some((later) => later.batchId === batchId));
      assert.deepEqual(listed.filter((row) => row[0] === kind).map((row) => row[1]), last.map(({ batchId }) => batchId));
      assert.deepEqual(arrivals.filter(({ violation }) => violation), []);
      arrivals.slice(1).forEach(({ arrivedMs }, index) => assert.ok(arrivedMs - arrivals[index].arrivedMs >= FLOOR_MS));

      const lane = many(page).locator(`[data-testid="lane"][data-endpoint="${endpoint.slice(1)}"]`);
      const factsNow = async () => Object.fromEntries(await lane.locator("dl > div").evaluateAll((list) =>
        list.map((pair) => [pair.firstChild.textContent, pair.lastChild.textContent])));
      await expect.poll(factsNow).toMatchObject({ Requests: String(arrivals.length), Waiting: "0", "Refused (429)": "0" });
      const facts = await factsNow();
      assert.ok(Number.parseFloat(facts["Smallest gap"]) >= FLOOR_MS / 1000, facts["Smallest gap"]);
      await press(lane.locator("summary", { hasText: "Last decisions" }));
      const decisions = async () => (await lane.locator("ol > li").allTextContents()).join("\n");
      await expect.poll(decisions).toMatch(/ sent, \d+ s ago/);
      await expect.poll(decisions).toMatch(/ waits: (\d+ others go first|1 other goes first|the last request is less than 2 s ago), \d+ s ago/);
    }
    const [first, second] = Object.values(ENDPOINTS).map((endpoint) => seen.filter((entry) => entry.endpoint === endpoint));
    assert.ok(first[0].arrivedMs < second[1].arrivedMs && second[0].arrivedMs < first[1].arrivedMs, "the lanes take turns");

    // Documents show where a batch was opened, and nowhere else.
    const before = await page.evaluate(() => document.documentElement.outerHTML);
    assert.deepEqual(CANARIES.filter((canary) => before.includes(canary)), []);
    await opened(batch(page, "demo-invoices"));
    const result = batch(page, "demo-invoices").getByTestId("batch-result");
    await expect(result.getByText("Alex Example", { exact: true })).toBeVisible();
    await opened(batch(page, "done"));
    const unseen = async () => {
      const shown = await page.evaluate(() => document.documentElement.outerHTML);
      return CANARIES.filter((canary) => !shown.includes(canary));
    };
    await expect.poll(unseen, "the canaries must be able to show").toEqual([]);
    const elsewhere = await page.evaluate(() => {
      const copy = document.documentElement.cloneNode(true);
      for (const node of copy.querySelectorAll('[data-testid="batch-result"]')) node.remove();
      return copy.outerHTML;
    });
    assert.deepEqual(CANARIES.filter((canary) => elsewhere.includes(canary)), []);
    assert.deepEqual(CANARIES.filter((canary) => logged.join("\n").includes(canary)), []);

    const raw = await rawResults(result);
    assert.deepEqual([raw.done, raw.batchId, raw.files.length], [true, "demo-invoices", 5]);
    const [download] = await Promise.all([page.waitForEvent("download"), press(result.getByTestId("download-csv"))]);
    assert.equal(download.suggestedFilename(), "demo-invoices.csv");
    assert.match(await readFile(await download.path(), "utf8"), /^\uFEFFfileId,fileName,status,/);

    await opened(batch(page, "http-404"));
    await expect(batch(page, "http-404").getByTestId("poll-error")).toHaveAttribute("data-code", "NOT_FOUND");
    await press(batch(page, "http-404").getByTestId("fix-field"));
    await expect(page.locator("#extraction-batches")).toBeFocused();

    const news = page.locator('[aria-live="polite"] p');
    await expect(news.first()).toHaveText("20 batches: polling started.");
    await expect(news.last()).toHaveText(/20 of 20 batches finished, 2 failed\.$/);
    assert.ok((await news.count()) < 15, "a screen reader gets so much news that it never stops talking");
  }));

test("cancelling all ends every wait, keeps what is finished, and the rest can be polled again", () =>
  withDemo("", async (page, requests) => {
    await start(page, { extraction: ["done", "forever", "waits-90"], classification: ["done", "forever"] });
    await ended(page).nth(1).waitFor();
    await press(many(page).getByTestId("many-cancel"));
    await inState(page, "cancelled");
    await expect(many(page).getByTestId("many-again"), "the keyboard is not lost").toBeFocused();
    await noMoreArrives(page, requests);

    await expect.poll(async () => (await names(ended(page))).toSorted()).toEqual([["classification", "done"], ["extraction", "done"]]);
    await expect(many(page).getByText("Not finished (3)", { exact: true })).toBeVisible();
    await expect(waiting(page).getByTestId("batch-next-poll")).toHaveText(["", "", ""]);
    const result = await opened(batch(page, "done", "classification"));
    await expect(result.getByText("90%", { exact: true }).first()).toBeVisible();

    await press(many(page).getByTestId("many-again"));
    await page.getByTestId("many-card").nth(1).waitFor();
    await expect.poll(() => names(waiting(page))).toEqual([["extraction", "forever"], ["extraction", "waits-90"], ["classification", "forever"]]);
    await press(many(page).getByTestId("many-remove"));
    await expect(page.getByTestId("many-card")).toHaveCount(1);
  }));

test("two hundred batches: rows are made as they are looked at, and a second changes only the text of what is seen", () => {
  const ids = Array.from({ length: 100 }, (_, index) => `waits-${index + 1}`);
  return withDemo("", async (page) => {
    await start(page, { extraction: ids, classification: ids });
    await many(page).getByText("Waiting (200)", { exact: true }).waitFor();
    await expect(waiting(page)).toHaveCount(20);
    await press(many(page).getByTestId("batches-open").getByTestId("show-more"));
    await expect(waiting(page)).toHaveCount(40);
    await expect(batch(page, "waits-21"), "the keyboard is on the first new row").toBeFocused();

    const changes = await page.evaluate(async () => {
      const seen = { rows: 0, texts: 0 };
      const observer = new MutationObserver((records) => {
        for (const { target, addedNodes } of records) {
          if ([...addedNodes].some((node) => node.nodeName === "LI")) seen.rows += 1;
          else if (target.closest?.('[data-testid="batches-open"]')) seen.texts += 1;
        }
      });
      observer.observe(document.querySelector('[data-testid="many-card"]'), { childList: true, subtree: true });
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      observer.disconnect();
      return seen;
    });
    assert.equal(changes.rows, 0, "rows were made anew");
    assert.ok(changes.texts > 0 && changes.texts <= 4 * 3 * 40, `${changes.texts} texts changed in 3 seconds`);
    // The first rows were asked for first, the last rows know that they are far behind.
    await expect.poll(() => waiting(page).getByTestId("batch-position").getByText(/^\d\d before it$/).count()).toBeGreaterThan(0);
  });
});

test("hostile ids and results stay text", () =>
  withDemo("", async (page) => {
    const id = "<img/src=x/onerror=window.injected=true>";
    await start(page, { extraction: ["injection", id], classification: ["injection"] });
    await inState(page, "done");
    for (const kind of Object.keys(ENDPOINTS)) await opened(batch(page, "injection", kind));
    await many(page).getByText(id, { exact: true }).first().waitFor();
    const found = await many(page).evaluate((node) => ({
      elements: [...node.querySelectorAll("img, script, svg, iframe, object, embed, style, link, form")].map(({ outerHTML }) => outerHTML),
      handlers: [...node.querySelectorAll("*")].flatMap((element) => element.getAttributeNames()).filter((name) => name.startsWith("on")),
      injected: window.injected,
    }));
    assert.deepEqual(found, { elements: [], handlers: [], injected: undefined });
  }));

test("a bad line is named and nothing starts; without the lists the simple form asks for nothing of them", () =>
  withDemo("", async (page) => {
    const field = page.locator("#extraction-batches");
    await start(page, { extraction: ["done", "done many"] });
    await expect(field).toHaveJSProperty("validationMessage", "Line 2: after the id comes a number of files, or nothing.");
    await start(page, {});
    await expect(field).toHaveJSProperty("validationMessage", "Name a batch of either kind.");
    await start(page, { classification: ["done"] });
    await inState(page, "done");
    await expect(page.getByTestId("many-card")).toHaveCount(1);
    await page.locator("#classification-batches").fill("");
    await page.locator("#how-many-one").check();
    await page.getByTestId("start").click();
    await page.getByTestId("poll-card").waitFor();
  }));

test("what is wrong with all of them is said once, and leads to the field", () =>
  withDemo("", async (page) => {
    await page.locator("#source-proxy").check();
    await page.locator("#base-url").fill("ftp://example.com");
    await page.getByTestId("how-many-many").check();
    await page.locator("#extraction-template").fill("mine");
    await page.locator("#extraction-batches").fill("a\nb");
    await page.getByTestId("start").click();
    await inState(page, "error");
    await expect(many(page).getByTestId("poll-error")).toHaveAttribute("data-code", "INVALID_OPTION");
    await press(many(page).getByTestId("fix-field"));
    await expect(page.locator("#base-url")).toBeFocused();
  }));

test("with the keyboard alone, on a screen of 360 pixels: nothing is wider, and every control has a name", () =>
  withDemo("", async (page) => {
    await page.locator("#how-many-one").focus();
    await page.keyboard.press("ArrowRight");
    await expect(page.locator("#twenty-batches")).toBeVisible();
    await page.locator("#twenty-batches").focus();
    await page.keyboard.press("Enter");
    await expect(page.locator("#extraction-batches")).not.toHaveValue("");
    await page.locator("#start").focus();
    await page.keyboard.press("Enter");
    await ended(page).first().waitFor();
    const summary = ended(page).first().locator("summary").first();
    await summary.focus();
    await page.keyboard.press("Enter");
    await ended(page).first().locator(".batch-result").waitFor();
    await ended(page).nth(2).waitFor();
    await expect(summary, "later ends must not take the keyboard away").toBeFocused();
    for (const name of Object.values(ENDPOINTS)) {
      const lane = many(page).locator(`[data-testid="lane"][data-endpoint="${name.slice(1)}"]`);
      await press(lane.locator("summary", { hasText: "Last decisions" }));
      await lane.locator("ol > li").first().waitFor();
    }
    const found = () => page.evaluate(() => {
      const controls = [...document.querySelectorAll('[data-testid="many-card"] :is(button, summary, a, progress, section), textarea')];
      const name = (node) => [node.getAttribute("aria-label"), node.getAttribute("aria-labelledby"), node.labels?.[0]?.textContent, node.textContent];
      return {
        unnamed: controls.filter((node) => !name(node).some((text) => text?.trim())).map(({ outerHTML }) => outerHTML),
        widths: { content: document.documentElement.scrollWidth, screen: innerWidth },
      };
    });
    await expect.poll(found).toEqual({ unnamed: [], widths: { content: 360, screen: 360 } });
    await many(page).getByTestId("many-cancel").press("Enter");
    await inState(page, "cancelled");
  }, { viewport: { width: 360, height: 740 } }));
