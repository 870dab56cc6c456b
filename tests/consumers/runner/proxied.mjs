// Cloudflare Workers, a proxy in one isolate: many requests wait for one answer, and the one that asked for it is cut off.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { HUNG_MS } from "../../../xtask/expect.mjs";
import { freshApp } from "./app.mjs";
import { consumersOf } from "./consumer.mjs";
import { heldApi } from "./held-api.mjs";
import { newToken } from "./poll.mjs";
import { versionOf } from "./settings.mjs";
import { buildWorker, startWorker } from "./workerd.mjs";

const consumer = consumersOf("Runtimes");

// Where a promise that another request settles hangs, where it is handed over, and where its author has asked for it to hang.
const RUNTIMES = {
  "2024-01-01": { compatibilityDate: "2024-01-01" },
  "2024-10-14": { compatibilityDate: "2024-10-14" },
  "2026-04-01": { compatibilityDate: "2026-04-01" },
  "2026-04-01, promises not handed over": { compatibilityDate: "2026-04-01", compatibilityFlags: ["no_handle_cross_request_promise_resolution"] },
};

// More than it takes this process, or the Worker, to go on: requests are answered from here.
const REQUEST_TIMEOUT_MS = 10_000;
/** Where a test waits for it to be over. */
const SHORT = { requestTimeoutMs: 4_000 };
const BATCH = { extractionId: "e", batchId: "b" };

async function proxied(t, runtime) {
  const api = await heldApi(t);
  const url = await startWorker(t, await buildWorker(t, await freshApp(t, "workers"), "proxied.js", runtime));
  const address = (token, more) => `${url}api/getBatchResults?${new URLSearchParams({ token, baseUrl: api.url, requestTimeoutMs: REQUEST_TIMEOUT_MS, ...more })}`;
  const headers = (visitor, more) => ({ "content-type": "application/json", "sec-fetch-site": "same-origin", "x-visitor": visitor, ...more });
  return {
    api,
    /** Status and body of the answer. */
    async ask(token, visitor, { batch = BATCH, more, prefer } = {}) {
      const init = { method: "POST", headers: headers(visitor, prefer && { prefer }), body: JSON.stringify(batch), signal: AbortSignal.timeout(HUNG_MS) };
      const answer = await fetch(address(token, more), init);
      return { status: answer.status, text: await answer.text(), state: answer.headers.get("extracta-state") };
    },
    /** One that can be cut off: a connection that is reset, as workerd lets a request go on whose connection is closed in good order. */
    cuttable(token, visitor, more) {
      const { port, pathname, search } = new URL(address(token, more));
      const socket = connect(Number(port), "127.0.0.1").on("error", () => {});
      const body = JSON.stringify(BATCH);
      const lines = Object.entries({ host: "127.0.0.1", "content-length": body.length, ...headers(visitor) }).map(([name, value]) => `${name}: ${value}`);
      socket.write(`POST ${pathname}${search} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
      return () => socket.resetAndDestroy();
    },
  };
}

const firstIsCutOff = (runtime) => async (t) => {
  const worker = await proxied(t, runtime);
  for (const more of [{}, { without: "ctx", ...SHORT }]) {
    const token = newToken();
    const cut = worker.cuttable(token, "first", more);
    const first = await worker.api.request(token, 1);
    const others = Array.from({ length: 9 }, (_, nth) => worker.ask(token, `v${nth}`, { more }));
    // They wait, and nothing says so.
    await new Promise((resolve) => setTimeout(resolve, 300));
    cut();
    if ("without" in more) {
      // Nobody is left to hear the answer: once the request could have ended, another asks.
      (await worker.api.request(token, 2)).answer("waiting");
    } else {
      await new Promise((resolve) => setTimeout(resolve, 300));
      first.answer("waiting");
    }
    for (const { status, text } of await Promise.all(others)) assert.deepEqual([status, text], [200, '{"status":"waiting"}']);
    const before = worker.api.count(token);
    assert.equal(before, "without" in more ? 2 : 1);
    const next = worker.ask(token, "v1", { batch: { ...BATCH, batchId: "c" }, more });
    (await worker.api.request(token, before + 1)).answer("done");
    assert.equal((await next).status, 200);
  }
};

const tenEqual = (runtime) => async (t) => {
  const worker = await proxied(t, runtime);
  const token = newToken();
  const all = Array.from({ length: 10 }, (_, nth) => worker.ask(token, `v${nth}`));
  (await worker.api.request(token, 1)).answer("waiting");
  const answers = await Promise.all(all);
  for (const { status, text } of answers) assert.deepEqual([status, text], [200, '{"status":"waiting"}']);
  // And all of them, for a change.
  const changed = answers.map(({ state }, nth) => worker.ask(token, `v${nth}`, { prefer: `wait=20; since="${state}"` }));
  (await worker.api.request(token, 2)).answer("waiting");
  (await worker.api.request(token, 3)).answer("done");
  for (const { status, text } of await Promise.all(changed)) assert.deepEqual([status, JSON.parse(text).files.length], [200, 1]);
  assert.equal(worker.api.count(token), 3);
};

/** Those who left without a word hold nobody up. */
const ghosts = (runtime) => async (t) => {
  const worker = await proxied(t, runtime);
  const token = newToken();
  const first = worker.ask(token, "stays", { batch: { ...BATCH, batchId: "other" }, more: SHORT });
  (await worker.api.request(token, 1)).answer("waiting");
  await first;
  const cuts = Array.from({ length: 10 }, (_, nth) => worker.cuttable(token, `gone${nth}`, { without: "ctx" }));
  await new Promise((resolve) => setTimeout(resolve, 300));
  for (const cut of cuts) cut();
  const stays = worker.ask(token, "stays", { batch: { ...BATCH, batchId: "mine" } });
  // If all of this took long, one of theirs was sent before.
  (await worker.api.requestFor(token, "mine")).answer("done");
  assert.equal((await stays).status, 200);
};

const modes = {};
for (const [name, runtime] of Object.entries(RUNTIMES)) {
  modes[`ten equal requests, ${name}`] = tenEqual(runtime);
  modes[`the first is cut off, ${name}`] = firstIsCutOff(runtime);
  modes[`ten leave without a word, ${name}`] = ghosts(runtime);
}
const works = `a proxy for many visitors, ${Object.keys(RUNTIMES).join("; ")}`;
consumer("workerd, bundled by wrangler", () => `${versionOf("workerd")}, wrangler ${versionOf("wrangler")}`, modes, works);
