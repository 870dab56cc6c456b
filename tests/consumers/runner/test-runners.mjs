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

/** Vitest leaves `queueMicrotask` alone unless told; Jest fakes it, too. */
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

const vitest = (faked) => passes("vitest", ["vitest", "vitest.mjs"], ["run"], faked);
consumer("Vitest", () => versionOf("vitest"), {
  "fake timers as they are by default": vitest(),
  "fake timers, queueMicrotask among them": vitest(ALL),
});

consumer("Jest", () => versionOf("jest-cli"), {
  "fake timers as they are by default": passes("jest", ["jest-cli", "bin", "jest.js"], ["--ci"]),
});
