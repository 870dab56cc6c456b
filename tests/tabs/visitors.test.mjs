// Pages and programs that visit one account at once, through the package's proxy: what benches/visitors measures, in short.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PROXIES, visit } from "../../benches/visitors/visitors.mjs";
import { launch } from "../../xtask/chromium.mjs";
import { fromEnvironment } from "../page/environment.mjs";

const standin = fromEnvironment("EXTRACTA_TABS_URL", "the address of a stand-in, http://127.0.0.1:PORT/ say").replace(/\/$/, "");
const FLOOR_MS = Number(fromEnvironment("EXTRACTA_TABS_FLOOR_MS", "the floor of that stand-in in milliseconds"));

const SHORT = { pages: 3, programs: 7, waits: 1, floorMs: FLOOR_MS };
const [PACED, PASS_THROUGH] = Object.keys(PROXIES);

let browser;

before(async () => {
  browser = await launch(fromEnvironment("CHROMIUM", "the path of a Chromium"));
});

after(() => browser?.close());

test("everyone is done through the proxy: nothing is refused, and no request is sent that need not be", { timeout: 300_000 }, async (t) => {
  const seen = await visit(PACED, { ...SHORT, standin, browser, timeoutMs: 240_000 });
  t.diagnostic(JSON.stringify(seen));
  assert.deepEqual(seen.outcomes, Array(10).fill("done"));
  assert.deepEqual([seen.refused, seen.told429], [0, 0]);
  assert.ok(seen.smallestGapMs >= FLOOR_MS, `${seen.smallestGapMs} ms`);
  assert.equal(seen.upstream, seen.needed, "every slot brought somebody news");
});

test("the judge sees what goes wrong where a proxy only adds the key", { timeout: 300_000 }, async (t) => {
  const seen = await visit(PASS_THROUGH, { ...SHORT, standin, browser, timeoutMs: 10_000 });
  t.diagnostic(JSON.stringify(seen));
  assert.ok(seen.refused > 0 && seen.told429 > 0);
});
