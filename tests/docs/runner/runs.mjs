// The ways to run a block. Each gives what it prints.
import { fileURLToPath } from "node:url";
import { newToken } from "../../consumers/runner/poll.mjs";
import { run } from "../../consumers/runner/program.mjs";
import { node } from "../../consumers/runner/programs.mjs";
import { installed } from "../../consumers/runner/settings.mjs";
import { standin } from "../../consumers/runner/standin.mjs";
import { onPage } from "./page.mjs";
import { inWorkerd } from "./workerd.mjs";

const beside = (file) => fileURLToPath(new URL(file, import.meta.url));
const vitest = beside("../node_modules/vitest/vitest.mjs");

// Not a limit on how fast anything is: only so that what never ends fails its test instead of hanging it.
const HUNG_MS = 120_000;
const HUNG = `--testTimeout=${HUNG_MS}`;

/** Node 24 runs TypeScript as it is. Its requests go to the stand-in. */
const program = (...args) => (t, { app, file, block }) =>
  run(t, node(24), ["--no-warnings", "--import", beside("redirect.mjs"), ...args, file], { cwd: app, env: environment(block.options) });

const environment = ({ as = "waits-1" }) => ({
  EXTRACTA_API_KEY: newToken(),
  EXTRACTA_BATCH: as,
  EXTRACTA_REDIRECT: beside("redirect.mjs"),
  EXTRACTA_STANDIN: standin,
  EXTRACTA_WEBHOOK_SECRET: "secret",
  NO_COLOR: "1",
  PORT: "0",
});

export const runs = {
  node: program(),
  worker: inWorkerd,
  page: onPage,
  "node:test": program("--test"),
  vitest: (t, { app, file, block }) => run(t, node(24), [vitest, "run", HUNG, file], { cwd: app, env: environment(block.options) }),
  jest: (t, { app, file, block }) =>
    run(t, node(24), ["--experimental-vm-modules", "--no-warnings", installed("jest-cli", "bin", "jest.js"), "--ci", "--rootDir=.", `--config=${JSON.stringify(JEST)}`, file], { cwd: app, env: environment(block.options) }),
};

const JEST = { testTimeout: HUNG_MS, cacheDirectory: "<rootDir>/.cache", testMatch: ["**/*.test.*"], moduleFileExtensions: ["js", "mjs", "cjs"], transform: {}, watchman: false };

/** All tests that apps/PAGE adds to the page's files. */
export function runOverlay(t, app) {
  return run(t, node(24), [vitest, "run", HUNG], { cwd: app, env: environment({}) });
}
