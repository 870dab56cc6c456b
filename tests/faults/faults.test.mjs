// Every fault in every runtime, from the packed tarball: what it ends with, and how many requests it takes.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, test } from "node:test";
import { freshApp } from "../consumers/runner/app.mjs";
import { reportOf as reportOfChromium } from "../consumers/runner/chromium.mjs";
import { reportOf as reportOfFirefox } from "../consumers/runner/firefox.mjs";
import { skipOrThrow } from "../consumers/runner/missing.mjs";
import { newToken, requestsOf, untilRequested } from "../consumers/runner/poll.mjs";
import { run } from "../consumers/runner/program.mjs";
import { serve } from "../consumers/runner/server.mjs";
import { standin } from "../consumers/runner/standin.mjs";
import { serveWorker } from "../consumers/runner/workerd.mjs";
import { CASES, tokensOf } from "./app/cases.mjs";
import { expectedOfAsk, expectedOfPoll } from "./expected.mjs";
import { keepTable, keptTable, tableOf } from "./table.mjs";

/** Loads the app in each runtime and gives what it reports. `where` are texts. */
const RUNTIMES = {
  Node: async (t, app, { standin, refused, run: name }) => run(t, process.execPath, ["node.mjs", standin, refused, name], { cwd: app }),
  Chromium: async (t, app, where) => reportOfChromium(t, `${await serve(t, app)}?${new URLSearchParams(where)}`, { requestsMayFail: true }),
  Firefox: async (t, app, where) => reportOfFirefox(t, app, `?${new URLSearchParams(where)}`),
  workerd: async (t, app, bindings) => {
    const response = await fetch(await serveWorker(t, app, "worker.mjs", { compatibilityDate: "2026-11-01", bindings }));
    return response.text();
  },
};

// The client keeps 30 ms here. On the way, a request may be held up for a little and the next one not.
const LEAST_GAP_MS = 20;

// Not a limit on how fast anything is: only so that a runtime that never reports fails its test instead of hanging it.
const HUNG_MS = 900_000;

const ran = {};

// The faults are mostly waiting: the runtimes do it side by side.
await describe("faults", { concurrency: true }, () => {
  for (const [runtime, report] of Object.entries(RUNTIMES)) {
    test(runtime, { timeout: HUNG_MS }, async (t) => {
      try {
        const where = { standin, refused: await addressOfNobody(), run: newToken() };
        const text = await report(t, await freshApp(t, "../faults/app"), where);
        assert.match(text, /^\[/, "the app reported something else than JSON");
        ran[runtime] = JSON.parse(text);
        for (const [index, played] of CASES.entries()) await judge(t, runtime, played, ran[runtime][index], tokensOf(where.run, index));
      } catch (error) {
        skipOrThrow(t, error);
      }
    });
  }
});

test("docs/faults.md keeps what came out", async (t) => {
  const missing = Object.keys(RUNTIMES).filter((runtime) => !(runtime in ran));
  if (missing.length > 0) return t.skip(`without ${missing} there is nothing to compare`);
  const table = tableOf(CASES, Object.fromEntries(Object.keys(RUNTIMES).map((runtime) => [runtime, ran[runtime]])));
  if (process.env.EXTRACTA_UPDATE_DOCS) await keepTable(table);
  assert.equal(await keptTable(), table, "run with EXTRACTA_UPDATE_DOCS=1 to keep what came out this time");
});

function judge(t, runtime, played, { ask, poll }, tokens) {
  return t.test([played.row, played.detail].filter(Boolean).join(": ").slice(0, 120), async () => {
    assertOutcome(ask, expectedOfAsk(played), "the single request");
    const { requests, ...expected } = expectedOfPoll(played);
    assertOutcome(poll, expected, "the poll");
    // On a busy machine a request may be given up before it arrives, and then nobody saw it.
    const least = played.refused || played.repeatedBy === runtime || played.ends === "REQUEST_TIMEOUT" ? 0 : 1;
    await Promise.all([untilRequested(tokens.ask, least), untilRequested(tokens.poll, least * (requests ?? 0))]);
    const [requested, polled] = await Promise.all([requestsOf(tokens.ask), requestsOf(tokens.poll)]);
    if (played.refused) return assert.deepEqual([requested, polled], [[], []], "somebody listened where nobody should");
    assert.ok([...requested, ...polled].every(({ endpoint }) => endpoint === "/getBatchResults"), "a redirect was followed");
    if (played.repeatedBy === runtime) return;
    assert.ok(requested.length <= 1, `${requested.length} requests of the single request`);
    if (requests !== undefined) assert.ok(polled.length <= requests, `${polled.length} requests of the poll`);
    // Nor is there an end to how late one may arrive that was given up before.
    if (played.ends === "REQUEST_TIMEOUT") return;
    const gaps = polled.slice(1).map(({ arrivedMs }, index) => arrivedMs - polled[index].arrivedMs);
    assert.ok(gaps.every((gap) => gap >= LEAST_GAP_MS), `requests of the poll arrived ${gaps} ms apart`);
  });
}

function assertOutcome({ complaints = [], ...outcome }, { httpStatus, ...expected }, what) {
  assert.deepEqual(complaints, [], what);
  for (const [name, value] of Object.entries(expected)) assert.equal(outcome[name], value, `${what}: ${name} of ${JSON.stringify(outcome)}`);
  if (Array.isArray(httpStatus)) assert.ok(httpStatus.includes(outcome.httpStatus), `${what}: HTTP status ${outcome.httpStatus}`);
  else if (outcome.ends !== "RETRIES_EXHAUSTED") assert.equal(outcome.httpStatus, httpStatus, `${what}: its HTTP status`);
}

/** An address of this machine where nobody listens. */
async function addressOfNobody() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}`;
}
