// Vitest and Jest: tests of an app that polls, with fake timers and without, in one file.
import assert from "node:assert/strict";
import { freshApp } from "./app.mjs";
import { consumersOf } from "./consumer.mjs";
import { baseUrl, newToken } from "./poll.mjs";
import { run } from "./program.mjs";
import { node } from "./programs.mjs";
import { installed, versionOf } from "./settings.mjs";
import { standin } from "./standin.mjs";

const consumer = consumersOf("Test runners");

/** Vitest leaves `queueMicrotask` alone by default; Jest fakes it, too. */
const ALL = ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate", "clearImmediate", "queueMicrotask", "performance", "Date"];

const passes = (app, script, args, faked = []) => async (t) => {
  const token = newToken();
  const cwd = await freshApp(t, app);
  const env = { EXTRACTA_URL: baseUrl, EXTRACTA_API_KEY: token, FAKED: faked.join() };
  await run(t, node(24), [installed(...script), ...args], { cwd, env });
  // What was polled in real time, the first poll after fake timers had run, the second after some were taken away in the middle.
  for (const [of, count] of [[token, 3], [`${token}-left`, 2]]) {
    const gaps = await (await fetch(`${standin}/_standin/gaps?token=${of}`)).json();
    assert.deepEqual([gaps["/getBatchResults"].count, gaps["/getBatchResults"].violations], [count, 0]);
  }
};

const vitest = (faked = [], environment = "node") => passes("vitest", ["vitest", "vitest.mjs"], ["run", `--environment=${environment}`], faked);
consumer("Vitest", () => versionOf("vitest"), {
  "fake timers as they are by default": vitest(),
  "fake timers, `queueMicrotask` among them": vitest(ALL),
});
for (const [name, environment] of [["jsdom", "jsdom"], ["happy-dom", "happy-dom"], ["@edge-runtime/vm", "edge-runtime"]]) {
  consumer(`Vitest with ${environment}`, () => `${versionOf("vitest")}, ${name} ${versionOf(name)}`, { "fake timers and real ones": vitest([], environment) });
}

/** One test that polls in real time. */
const polls = (app, script, args, options = []) => async (t) => {
  const [token, cwd] = [newToken(), await freshApp(t, app)];
  const env = { EXTRACTA_URL: baseUrl, EXTRACTA_API_KEY: token, DO_NOT_TRACK: "1", WRANGLER_SEND_METRICS: "false" };
  await run(t, node(24), [...options, installed(...script), ...args], { cwd, env });
};

consumer("Vitest in workerd", () => `${versionOf("vitest", "vitest-workers")}, @cloudflare/vitest-plugin ${versionOf("@cloudflare/vitest-plugin", "vitest-workers")}`, {
  "client at module scope": polls("vitest-workers", ["vitest", "vitest.mjs"], ["run"]),
});

const jest = ["jest-cli", "bin", "jest.js"];
// What it caches, it caches in the app.
const args = ["--ci", "--cacheDirectory=.cache", "--watchman=false"];
consumer("Jest", () => versionOf("jest-cli"), {
  "CommonJS, fake timers and real ones": passes("jest", jest, args),
  "ES modules": polls("jest-esm", jest, args, ["--experimental-vm-modules", "--no-warnings"]),
});
consumer("Jest with jsdom", () => `${versionOf("jest-cli")}, jest-environment-jsdom ${versionOf("jest-environment-jsdom")}`, {
  "a `fetch` of the test's own": polls("jest-jsdom", jest, args),
});
