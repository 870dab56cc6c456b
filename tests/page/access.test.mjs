// The page without a mouse, without eyes and on a narrow screen.
import assert from "node:assert/strict";
import { test } from "node:test";
import { expect } from "../../xtask/expect.mjs";
import { autostart, card, inState, unfold, withDemo } from "./browser.mjs";

/** Presses Tab until the keyboard is on what `selector` finds. */
async function tabTo(page, selector) {
  for (let presses = 0; presses < 60; presses += 1) {
    const left = await page.evaluateHandle(() => document.activeElement);
    await page.keyboard.press("Tab");
    await page.waitForFunction((left) => document.activeElement !== left, left);
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
  }
  assert.fail(`the keyboard does not get to ${selector}`);
}

test("a poll is started and cancelled with the keyboard alone", () =>
  withDemo("", async (page) => {
    await tabTo(page, "#batch-id");
    await page.keyboard.press("Control+A");
    await page.keyboard.type("forever");
    await page.keyboard.press("Enter");
    await inState(page, "waiting");
    await tabTo(page, '[data-testid="poll-cancel"]');
    const outline = () => page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    await expect.poll(outline, "where the keyboard is must be seen").not.toBe("none");
    await page.keyboard.press("Enter");
    await inState(page, "cancelled");
    // Its button is gone: the keyboard must be on something of the same card, not at the top of the page.
    await expect.poll(() => card(page).evaluate((node) => node.contains(document.activeElement))).toBe(true);
  }));

test("the skip link leads past the form", () =>
  withDemo("", async (page) => {
    await page.keyboard.press("Tab");
    await expect(page.locator('[class="skip-link"]')).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.locator("#polls")).toBeFocused();
  }));

test("every control has a name, and every id is unique", () =>
  withDemo(autostart("demo-invoices"), async (page) => {
    await card(page).getByTestId("file-row").first().waitFor();
    const found = () => page.evaluate(() => {
      const named = (control) => {
        const byId = (control.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "");
        const labels = [...(control.labels ?? [])].map((label) => label.textContent);
        const own = control.matches("button, summary, a") ? control.textContent : "";
        return [control.getAttribute("aria-label") ?? "", own, ...byId, ...labels].some((name) => name.trim() !== "");
      };
      const controls = [...document.querySelectorAll("input, select, textarea, button, summary, a, progress, [tabindex='0'], table.fields")];
      const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
      const described = [...document.querySelectorAll("[aria-describedby]")].flatMap((node) => node.getAttribute("aria-describedby").split(" "));
      return {
        controls: controls.length,
        unnamed: controls.filter((control) => !named(control)).map((control) => control.outerHTML.slice(0, 120)),
        repeated: ids.filter((id, index) => ids.indexOf(id) !== index),
        dangling: described.filter((id) => !document.getElementById(id)),
        language: document.documentElement.lang,
        headings: document.querySelectorAll("h1").length,
      };
    });
    await expect.poll(async () => (await found()).controls).toBeGreaterThan(20);
    const faults = await found();
    assert.deepEqual(faults, { controls: faults.controls, unnamed: [], repeated: [], dangling: [], language: "en", headings: 1 });
  }));

test("news is announced politely, and countdowns are not", () =>
  withDemo(autostart("done"), async (page) => {
    await inState(page, "done");
    const region = page.locator('[aria-live="polite"]');
    await expect(region).toHaveCount(1);
    await expect(region.locator("p")).toHaveText(["done: polling started.", "done: 3 of 3 files finished.", "done: done."]);
    await expect(card(page).getByTestId("poll-countdown")).toHaveAttribute("aria-hidden", "true");
  }));

for (const batch of ["demo-invoices", "injection"]) {
  test(`nothing is wider than a screen of 360 pixels (${batch})`, () =>
    withDemo(autostart(batch), async (page) => {
      await card(page).getByTestId("file-row").first().waitFor();
      await unfold(page);
      const widths = () => page.evaluate(() => ({ content: document.documentElement.scrollWidth, screen: innerWidth }));
      await expect.poll(widths).toEqual({ content: 360, screen: 360 });
      await expect(page.getByTestId("start")).toBeVisible();
    }, { viewport: { width: 360, height: 740 } }));
}
