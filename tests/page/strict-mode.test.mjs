// Components that mount, unmount and mount again, as React's StrictMode has them do: the API must not notice.
import assert from "node:assert/strict";
import { test } from "node:test";
import { demoUrl, newContext } from "./browser.mjs";

const CONTEXTS = 20;
// Each has a lane of its own and mostly waits.
const AT_ONCE = 5;

// So much later than it was called off the client lets a request arrive.
const MARGIN_MS = 500;

/** In the page: an effect, its cleanup and the effect again, in one task or a moment apart; then the batch is awaited. */
async function mountTwice({ pkg, baseUrl, token, apartMs }) {
  const { ExtractaClient } = await import(pkg);
  const [refused, requestedAt] = [[], []];
  const onEvent = ({ type, httpStatus }) => {
    if (type === "request") requestedAt.push(performance.now());
    if (type === "response" && httpStatus === 429) refused.push(httpStatus);
  };
  const client = new ExtractaClient({ baseUrl, token, onEvent });
  const effect = () => {
    const watch = client.watch({ extractionId: "e", batchId: "waits-1" });
    return { watch, cleanup: () => watch.cancel() };
  };
  const { cleanup } = effect();
  if (apartMs > 0) await new Promise((resolve) => setTimeout(resolve, apartMs));
  cleanup();
  const { watch } = effect();
  const { done } = await watch.result;
  return { done, refused: refused.length, requestedAt };
}

/**
 * Whether the first request was on its way for so much longer than the next one that nobody could keep the rule: a busy server took it
 * in long after it was called off. Such a visit says nothing, and is made again.
 */
function wasHeldUp(requestedAt, arrivals) {
  if (arrivals.length < 2 || arrivals.length !== requestedAt.length) return false;
  const [first, second] = arrivals.map(({ arrivedMs }, nth) => arrivedMs - requestedAt[nth]);
  return first - second > MARGIN_MS;
}

test(`${CONTEXTS} fresh pages that mount twice draw no refusal`, async () => {
  const left = Array.from({ length: CONTEXTS }, (_, index) => index);
  const violations = [];
  const visit = async (index) => {
    const context = await newContext();
    try {
      const page = await context.newPage();
      await page.goto(demoUrl());
      const token = `strict-${Date.now()}-${index}`;
      // In one task, while the request is about to leave, and while it is under way.
      const apartMs = [0, 0, 5, 20][index % 4];
      const inPage = { pkg: demoUrl("pkg/index.js"), baseUrl: demoUrl("api/v1"), token, apartMs };
      const { requestedAt, ...ended } = await page.evaluate(mountTwice, inPage);
      const seen = async (what) => (await fetch(demoUrl(`_standin/${what}?token=${encodeURIComponent(token)}`))).json();
      if (wasHeldUp(requestedAt, await seen("log"))) return void left.push(index);
      assert.deepEqual(ended, { done: true, refused: 0 });
      const gaps = await seen("gaps");
      violations.push(...Object.values(gaps).map((gap) => gap.violations));
    } finally {
      await context.close();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let index = left.shift(); index !== undefined; index = left.shift()) await visit(index);
  }));
  assert.equal(violations.length, CONTEXTS);
  assert.deepEqual(violations.filter((count) => count > 0), []);
});
