// One request for 1, 100 and 10 000 files: the client's own cost over a `fetch` in the process, in Node, Chromium and
// workerd; and over a server on this machine, in Node, with the time that the main thread is busy.
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "../../tests/consumers/runner/server.mjs";
import { buildWorker, startWorker } from "../../tests/consumers/runner/workerd.mjs";
import { launch } from "../../xtask/chromium.mjs";
import { callers, BY_HAND } from "../callers.mjs";
import { bundle } from "../bundles.mjs";
import { withCleanup } from "../cleanup.mjs";
import { COMPATIBILITY_DATE, ISOLATED } from "../elsewhere/runtimes.mjs";
import { clientOf, installedApp } from "../installed.mjs";
import { withServer } from "../loopback.mjs";
import { answering, NOWHERE } from "../nowhere.mjs";
import { planOf } from "../plan.mjs";
import { replyOf } from "../replies.mjs";
import { interleaved } from "../rounds.mjs";
import { chromium } from "../settings.mjs";
import { compared } from "../statistics.mjs";

const path = (file) => fileURLToPath(new URL(file, import.meta.url));

/** Wall time, and how long of it the event loop was not idle. */
const METERS = { ms: () => performance.now(), busyMs: () => performance.eventLoopUtilization().active };

export function measure(options) {
  const plan = planOf(options);
  return withCleanup(async (t) => {
    const ExtractaClient = await clientOf(await installedApp(t));
    const inProcess = await bySize(plan.calls, (files, [rounds, calls]) =>
      interleaved(callers({ ExtractaClient, baseUrl: NOWHERE, files, fetch: answering(replyOf(files)) }), { rounds, calls }),
    );
    const loopback = await withServer((baseUrl) =>
      bySize(
        plan.calls,
        (files, [rounds, calls]) => interleaved(callers({ ExtractaClient, baseUrl, files }), { rounds, calls, meters: METERS }),
        ["ms", "busyMs"],
      ),
    );
    return { inProcess: { node: inProcess, chromium: await inChromium(t, plan.calls), workerd: await inWorkerd(t, plan.workerdCalls) }, loopback: { node: loopback } };
  });
}

/** The figures of each meter for each number of files. */
async function bySize(sizes, measure, meters = ["ms"]) {
  const figures = {};
  for (const [files, plan] of Object.entries(sizes)) {
    const samples = await measure(Number(files), plan);
    figures[files] = Object.fromEntries(meters.map((meter) => [meter, compared(samples, meter, BY_HAND)]));
  }
  return figures;
}

async function inChromium(t, sizes) {
  const app = await installedApp(t);
  const site = join(app, "site");
  await bundle(app, site, { calls: path("../elsewhere/page.mjs") });
  await cp(path("../elsewhere/page.html"), join(site, "index.html"));
  const browser = await launch(chromium, ["--js-flags=--expose-gc"]);
  t.after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(await serve(t, site, { headers: ISOLATED }));
  await page.addScriptTag({ type: "module", url: "/calls.js" });
  await page.waitForFunction(() => globalThis.measureCalls);
  return bySize(sizes, (files, [rounds, calls]) =>
    page.evaluate(([files, plan]) => globalThis.measureCalls(files, plan), [files, { rounds, calls }]),
  );
}

async function inWorkerd(t, sizes) {
  const app = await installedApp(t);
  await bundle(app, app, { worker: path("../elsewhere/call-worker.mjs") }, { external: ["extracta-wasm"], minify: false });
  const address = await startWorker(t, await buildWorker(t, app, "worker.js", { compatibilityDate: COMPATIBILITY_DATE }));
  return bySize(sizes, async (files, [rounds, calls]) => {
    const requested = (name) => async () => {
      const response = await fetch(`${address}?${new URLSearchParams({ name, files, calls })}`);
      const answer = await response.text();
      if (answer !== "asked") throw new Error(`the Worker answered ${answer}`);
    };
    const names = [...Object.keys(callers({ ExtractaClient: class {}, baseUrl: NOWHERE, files })), ""];
    const { "": idle, ...samples } = await interleaved(Object.fromEntries(names.map((name) => [name, requested(name)])), { rounds });
    const ofACall = (ms) => ms.map((took, round) => (took - idle.ms[round]) / calls);
    return Object.fromEntries(Object.entries(samples).map(([name, { ms }]) => [name, { ms: ofACall(ms) }]));
  });
}
