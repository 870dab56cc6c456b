// From nothing to the first answer: import, instantiate, one call. A fresh process, page or Worker each time.
import { execFile } from "node:child_process";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { serve } from "../../tests/consumers/runner/server.mjs";
import { buildWorker, startWorker } from "../../tests/consumers/runner/workerd.mjs";
import { launch } from "../../xtask/chromium.mjs";
import { NOBODY } from "../callers.mjs";
import { bundle } from "../bundles.mjs";
import { withCleanup } from "../cleanup.mjs";
import { COMPATIBILITY_DATE, ISOLATED } from "../elsewhere/runtimes.mjs";
import { installedApp } from "../installed.mjs";
import { planOf } from "../plan.mjs";
import { chromium } from "../settings.mjs";
import { startersIn } from "../starters.mjs";
import { spreadOf } from "../statistics.mjs";

const path = (file) => fileURLToPath(new URL(file, import.meta.url));

export function measure(options) {
  const { starts } = planOf(options);
  return withCleanup(async (t) => ({
    node: await inNode(t, starts.node),
    chromium: await inChromium(t, starts.chromium),
    workerd: await inWorkerd(t, starts.workerd),
  }));
}

/** Starts everyone so often, in turn; `start` gives milliseconds by step. */
async function inTurn(contenders, rounds, start) {
  const names = Object.keys(contenders);
  const samples = Object.fromEntries(names.map((name) => [name, {}]));
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(round + turn) % names.length];
      const steps = await start(name, contenders[name]);
      for (const [step, ms] of Object.entries(steps)) (samples[name][step] ??= []).push(ms);
    }
  }
  const figures = (steps) => Object.fromEntries(Object.entries(steps).map(([step, list]) => [step, spreadOf(list)]));
  return Object.fromEntries(names.map((name) => [name, figures(samples[name])]));
}

async function inNode(t, rounds) {
  const script = path("../start-node.mjs");
  return inTurn(startersIn(await installedApp(t)), rounds, async (name, module) => {
    const { stdout } = await promisify(execFile)(process.execPath, [script, name, pathToFileURL(module).href]);
    return JSON.parse(stdout);
  });
}

async function inChromium(t, rounds) {
  const app = await installedApp(t);
  const site = join(app, "site");
  const starters = startersIn(app);
  const modules = Object.fromEntries(Object.keys(starters).map((name, index) => [name, `/${index}.js`]));
  await bundle(app, site, { ...Object.fromEntries(Object.values(starters).map((file, index) => [index, file])), start: path("../elsewhere/start-page.mjs") });
  await cp(path("../elsewhere/page.html"), join(site, "index.html"));
  const address = await serve(t, site, { headers: ISOLATED });
  const browser = await launch(chromium);
  t.after(() => browser.close());
  return inTurn(modules, rounds, async (name, module) => {
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      await page.goto(address);
      await page.addScriptTag({ type: "module", url: "/start.js" });
      await page.waitForFunction(() => globalThis.measureStart);
      return await page.evaluate(([name, module]) => globalThis.measureStart(name, module), [name, module]);
    } finally {
      await context.close();
    }
  });
}

/** Its clock stands still: told by ours, from the start of the process to the answer, less what a Worker that asks nobody takes. */
async function inWorkerd(t, rounds) {
  const workers = {};
  for (const [name, file] of Object.entries({ ...startersIn(await installedApp(t)), [NOBODY]: path("../elsewhere/nobody.mjs") })) {
    const app = await installedApp(t);
    const entry = { worker: path("../elsewhere/start-worker.mjs") };
    await bundle(app, app, entry, { alias: { contender: file }, external: ["extracta-wasm"], minify: false });
    const bindings = name === NOBODY ? {} : { CONTENDER: name };
    workers[name] = await buildWorker(t, app, "worker.js", { compatibilityDate: COMPATIBILITY_DATE, bindings });
  }
  return inTurn(workers, rounds, (_, config) =>
    withCleanup(async (process) => {
      const began = performance.now();
      const response = await fetch(await startWorker(process, config));
      const answer = await response.text();
      if (answer !== "asked") throw new Error(`the Worker answered ${answer}`);
      return { all: performance.now() - began };
    }),
  );
}
