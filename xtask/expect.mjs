// What tests wait for. A page or a server shows the effect of an action a moment later, on a busy machine a long moment: a test
// that looks once, right after the action, fails at random. So tests assert with Playwright's `expect`, which looks again until
// the assertion holds: `await expect(locator).toHaveText(…)` for a page, `await expect.poll(() => …).toBe(…)` for anything else.
import { expect as playwright } from "@playwright/test";

/** Not a limit on how fast anything is: only so that what never comes about fails its test instead of hanging it. */
export const HUNG_MS = 60_000;

/** Except `toPass`, which does not take this limit over. */
export const expect = playwright.configure({ timeout: HUNG_MS });
