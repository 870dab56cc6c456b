// Many batches on the demo page: twenty of both kinds over both lanes, their order, their ends, and what stays usable.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { withDemo } from "./browser.mjs";

const FLOOR_MS = 2_000;
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
  return page.locator(`[data-testid="many-card"][data-state="${state}"]`).first().waitFor({ timeout: 120_000 });
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

async function names(rows) {
  return rows.evaluateAll((list) => list.map(({ dataset }) => [dataset.kind, dataset.batch]));
}

test("twenty batches of both kinds: first finished first, an error stops nobody, and each lane keeps its floor", () =>
  withDemo("", async (page, requests) => {
    const logged = [];
    page.on("console", (message) => logged.push(message.text()));
    await page.getByTestId("how-many-many").check();
    await page.getByTestId("twenty-batches").click();
    assert.equal(await page.locator("#extraction-batches-hint").textContent(), "10 batches, 6 with a number of files.");
    await page.getByTestId("start").click();
    await inState(page, "waiting");

    // Each batch that waits tells its place and the time to its next poll.
    await ended(page).nth(1).waitFor({ timeout: 30_000 });
    for (const kind of Object.keys(ENDPOINTS)) {
      const row = batch(page, "one-by-one", kind);
      await row.getByTestId("batch-position").getByText(/^\d+ before it$/).waitFor();
      await row.getByTestId("batch-next-poll").getByText(/^Next poll in \d+ s$/).waitFor();
    }
    const positions = await waiting(page).getByTestId("batch-position").allTextContents();
    const placed = positions.filter((text) => /^(\d+ before it|Next on its lane|Asking the server…)$/.test(text));
    // One that was just answered with an error has no place until it is due again.
    assert.ok(placed.length >= positions.length - 1, String(positions));

    await batch(page, "http-404").and(page.locator('[data-state="error"]')).waitFor({ timeout: 30_000 });
    assert.equal(await batch(page, "http-404").getByTestId("batch-outcome").textContent(), "No such batch NOT_FOUND");
    assert.ok((await waiting(page).count()) > 5, "the others go on");
    assert.equal(await many(page).getByTestId("many-status").textContent(), "Waiting");

    await inState(page, "done");
    assert.equal(await many(page).getByTestId("many-counts").textContent(), "20 of 20 batches finished, 2 failed");
    assert.equal(await waiting(page).count(), 0);

    // The order of the list is the order of the last requests, as the stand-in saw them.
    const seen = await requests();
    const listed = await names(ended(page));
    assert.equal(listed.length, 20);
    for (const [kind, endpoint] of Object.entries(ENDPOINTS)) {
      const arrivals = seen.filter((entry) => entry.endpoint === endpoint);
      const last = arrivals.filter(({ batchId }, index) => !arrivals.slice(index + 1).some((later) => later.batchId === batchId));
      assert.deepEqual(listed.filter((row) => row[0] === kind).map((row) => row[1]), last.map(({ batchId }) => batchId));
      assert.deepEqual(arrivals.filter(({ violation }) => violation), []);
      arrivals.slice(1).forEach(({ arrivedMs }, index) => assert.ok(arrivedMs - arrivals[index].arrivedMs >= FLOOR_MS));

      const lane = many(page).locator(`[data-testid="lane"][data-endpoint="${endpoint.slice(1)}"]`);
      const facts = Object.fromEntries(await lane.locator("dl > div").evaluateAll((list) =>
        list.map((pair) => [pair.firstChild.textContent, pair.lastChild.textContent])));
      assert.deepEqual([facts.Requests, facts.Waiting, facts["Refused (429)"]], [String(arrivals.length), "0", "0"]);
      assert.ok(Number.parseFloat(facts["Smallest gap"]) >= FLOOR_MS / 1000, facts["Smallest gap"]);
      await lane.getByText("Last decisions").click();
      const decisions = (await lane.locator("ol > li").allTextContents()).join("\n");
      assert.match(decisions, / sent, \d+ s ago/);
      assert.match(decisions, / waits: (\d+ others go first|1 other goes first|the last request is less than 2 s ago), \d+ s ago/);
    }
    const [first, second] = Object.values(ENDPOINTS).map((endpoint) => seen.filter((entry) => entry.endpoint === endpoint));
    assert.ok(first[0].arrivedMs < second[1].arrivedMs && second[0].arrivedMs < first[1].arrivedMs, "the lanes take turns");

    // Documents show where a batch was opened, and nowhere else.
    const before = await page.evaluate(() => document.documentElement.outerHTML);
    assert.deepEqual(CANARIES.filter((canary) => before.includes(canary)), []);
    const invoices = batch(page, "demo-invoices");
    await invoices.locator("summary").first().click();
    const result = invoices.getByTestId("batch-result");
    assert.ok(await result.getByText("Alex Example", { exact: true }).isVisible());
    await batch(page, "done").locator("summary").first().click();
    const elsewhere = await page.evaluate(() => {
      const copy = document.documentElement.cloneNode(true);
      for (const node of copy.querySelectorAll('[data-testid="batch-result"]')) node.remove();
      return copy.outerHTML;
    });
    assert.deepEqual(CANARIES.filter((canary) => elsewhere.includes(canary)), []);
    const shown = await page.evaluate(() => document.documentElement.outerHTML);
    assert.deepEqual(CANARIES.filter((canary) => !shown.includes(canary)), [], "the canaries must be able to show");
    assert.deepEqual(CANARIES.filter((canary) => logged.join("\n").includes(canary)), []);

    const raw = JSON.parse(await result.getByTestId("raw-json").textContent());
    assert.deepEqual([raw.done, raw.batchId, raw.files.length], [true, "demo-invoices", 5]);
    const [download] = await Promise.all([page.waitForEvent("download"), result.getByTestId("download-csv").click()]);
    assert.equal(download.suggestedFilename(), "demo-invoices.csv");
    assert.match(await readFile(await download.path(), "utf8"), /^\uFEFFfileId,fileName,status,/);

    await batch(page, "http-404").locator("summary").click();
    assert.equal(await batch(page, "http-404").getByTestId("poll-error").getAttribute("data-code"), "NOT_FOUND");
    await batch(page, "http-404").getByTestId("fix-field").click();
    assert.equal(await page.evaluate(() => document.activeElement.id), "extraction-batches");

    const news = await page.locator('[aria-live="polite"] p').allTextContents();
    assert.equal(news[0], "20 batches: polling started.");
    assert.match(news.at(-1), /20 of 20 batches finished, 2 failed\.$/);
    assert.ok(news.length < 15, "a screen reader is told often enough that it never stops talking");
  }));

test("cancelling all ends every wait, keeps what is finished, and the rest can be polled again", () =>
  withDemo("", async (page, requests) => {
    await start(page, { extraction: ["done", "forever", "waits-90"], classification: ["done", "forever"] });
    await ended(page).nth(1).waitFor({ timeout: 30_000 });
    await many(page).getByTestId("many-cancel").click();
    await inState(page, "cancelled");
    assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), "many-again", "the keyboard is not lost");
    const before = (await requests()).length;
    await page.waitForTimeout(2 * FLOOR_MS);
    assert.equal((await requests()).length, before);

    assert.deepEqual((await names(ended(page))).toSorted(), [["classification", "done"], ["extraction", "done"]]);
    assert.ok(await many(page).getByText("Not finished (3)", { exact: true }).isVisible());
    assert.equal((await waiting(page).getByTestId("batch-next-poll").allTextContents()).join(""), "");
    await batch(page, "done", "classification").locator("summary").first().click();
    assert.ok(await batch(page, "done", "classification").getByText("90%", { exact: true }).first().isVisible());

    await many(page).getByTestId("many-again").click();
    await page.getByTestId("many-card").nth(1).waitFor();
    assert.deepEqual(await names(waiting(page)), [["extraction", "forever"], ["extraction", "waits-90"], ["classification", "forever"]]);
    await many(page).getByTestId("many-remove").click();
    assert.equal(await page.getByTestId("many-card").count(), 1);
  }));

test("two hundred batches: rows are made as they are looked at, and a second changes only the text of what is seen", () => {
  const ids = Array.from({ length: 100 }, (_, index) => `waits-${index + 1}`);
  return withDemo("", async (page) => {
    await start(page, { extraction: ids, classification: ids });
    await many(page).getByText("Waiting (200)", { exact: true }).waitFor();
    assert.equal(await waiting(page).count(), 20);
    await many(page).getByTestId("batches-open").getByTestId("show-more").click();
    assert.equal(await waiting(page).count(), 40);
    assert.equal(await page.evaluate(() => document.activeElement.dataset.batch), "waits-21", "the keyboard is on the first new row");

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
    const places = await waiting(page).getByTestId("batch-position").allTextContents();
    assert.ok(places.some((text) => /^\d\d before it$/.test(text)), String(places));
  });
});

test("hostile ids and results stay text", () =>
  withDemo("", async (page) => {
    const id = "<img/src=x/onerror=window.injected=true>";
    await start(page, { extraction: ["injection", id], classification: ["injection"] });
    await inState(page, "done");
    for (const kind of Object.keys(ENDPOINTS)) await batch(page, "injection", kind).locator("summary").first().click();
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
    const validity = () => page.locator("#extraction-batches").evaluate(({ validationMessage }) => validationMessage);
    await start(page, { extraction: ["done", "done many"] });
    assert.equal(await validity(), "Line 2: after the id comes a number of files, or nothing.");
    await start(page, {});
    assert.equal(await validity(), "Name a batch of either kind.");
    await start(page, { classification: ["done"] });
    await inState(page, "done");
    assert.equal(await page.getByTestId("many-card").count(), 1);
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
    assert.equal(await many(page).getByTestId("poll-error").getAttribute("data-code"), "INVALID_OPTION");
    await many(page).getByTestId("fix-field").click();
    assert.equal(await page.evaluate(() => document.activeElement.id), "base-url");
  }));

test("with the keyboard alone, on a screen of 360 pixels: nothing is wider, and every control has a name", () =>
  withDemo("", async (page) => {
    await page.locator("#how-many-one").focus();
    await page.keyboard.press("ArrowRight");
    await page.locator("#twenty-batches").focus();
    await page.keyboard.press("Enter");
    await page.locator("#start").focus();
    await page.keyboard.press("Enter");
    await ended(page).first().waitFor({ timeout: 30_000 });
    const summary = ended(page).first().locator("summary").first();
    await summary.focus();
    await page.keyboard.press("Enter");
    await ended(page).first().locator(".batch-result").waitFor();
    await ended(page).nth(2).waitFor({ timeout: 30_000 });
    assert.ok(await summary.evaluate((node) => node === document.activeElement), "later ends must not take the keyboard away");
    for (const lane of await many(page).getByText("Last decisions").all()) await lane.click();
    const found = await page.evaluate(() => {
      const controls = [...document.querySelectorAll('[data-testid="many-card"] :is(button, summary, a, progress, section), textarea')];
      const name = (node) => [node.getAttribute("aria-label"), node.getAttribute("aria-labelledby"), node.labels?.[0]?.textContent, node.textContent];
      return {
        unnamed: controls.filter((node) => !name(node).some((text) => text?.trim())).map(({ outerHTML }) => outerHTML),
        widths: { content: document.documentElement.scrollWidth, screen: innerWidth },
      };
    });
    assert.deepEqual(found, { unnamed: [], widths: { content: 360, screen: 360 } });
    await many(page).getByTestId("many-cancel").press("Enter");
    await inState(page, "cancelled");
  }, { viewport: { width: 360, height: 740 } }));
