// Cloudflare Workers.
import assert from "node:assert/strict";
import { delivery, file, post, SECRET } from "../../node-package/webhook-sender.mjs";
import { freshApp } from "./app.mjs";
import { consumersOf } from "./consumer.mjs";
import { assertPolledToTheEnd, baseUrl, newToken, untilRequested } from "./poll.mjs";
import { versionOf } from "./settings.mjs";
import { serveWorker } from "./workerd.mjs";

const consumer = consumersOf("Runtimes");

/** Which behaviours of the runtime a Worker asks for: today's, and those of one that nobody has touched for two years. */
const [NEW, OLD] = ["2026-11-01", "2024-11-01"];

const answers = (script, compatibilityDate) => async (t) => {
  const token = newToken();
  const app = await freshApp(t, "workers");
  const bindings = { EXTRACTA_URL: baseUrl, EXTRACTA_API_KEY: token };
  const response = await fetch(await serveWorker(t, app, script, { compatibilityDate, bindings }));
  const text = await response.text();
  assert.equal(response.status, 200, text);
  await assertPolledToTheEnd(text, token);
};

/** A poll that only webhooks move on: they come with requests of their own. */
const hearsOfIt = (compatibilityDate) => async (t) => {
  const token = newToken();
  const app = await freshApp(t, "workers");
  const bindings = { EXTRACTA_URL: baseUrl, EXTRACTA_API_KEY: token, EXTRACTA_WEBHOOK_SECRET: SECRET };
  const url = await serveWorker(t, app, "webhooks.js", { compatibilityDate, bindings });
  const polling = fetch(url).then((response) => response.text());
  const answerTo = async (sent) => {
    const response = await post(url, sent);
    return [response.status, (await response.json()).duplicate];
  };
  for (const nth of [1, 2]) {
    await untilRequested(token, nth);
    const sent = delivery([file(`f${nth}`, { extractionId: "invoices", batchId: "waits-2" })]);
    assert.deepEqual(await answerTo({ ...sent, body: sent.body.replace("12.50", "99.99") }), [401, undefined]);
    assert.deepEqual(await answerTo(sent), [200, false]);
    assert.deepEqual(await answerTo(sent), [200, true]);
  }
  await assertPolledToTheEnd(await polling, token);
};

/** A watch is held by one request and moved on, or ended, by others. */
const obeys = (compatibilityDate) => async (t) => {
  const token = newToken();
  const app = await freshApp(t, "workers");
  const bindings = { EXTRACTA_URL: baseUrl, EXTRACTA_API_KEY: token };
  const url = await serveWorker(t, app, "from-outside.js", { compatibilityDate, bindings });
  const watching = (batch) => fetch(`${url}?batch=${batch}`).then((response) => response.text());
  const say = async (method) => (await fetch(url, { method })).json();
  const nudged = watching("waits-2");
  for (const nth of [1, 2]) {
    await untilRequested(token, nth);
    assert.equal(await say("POST"), "nudged");
  }
  await assertPolledToTheEnd(await nudged, token);
  const cancelled = watching("waits-9");
  await untilRequested(token, 4);
  assert.equal(await say("DELETE"), "cancelled");
  assert.equal(JSON.parse(await cancelled).name, "AbortError");
};

const modes = {
  [`client at module scope, ${NEW}`]: answers("module-scope.js", NEW),
  [`client at module scope, ${OLD}`]: answers("module-scope.js", OLD),
  [`client in the handler, ${NEW}`]: answers("handler.js", NEW),
  [`client in the handler, ${OLD}`]: answers("handler.js", OLD),
  [`slim with the .wasm file, ${NEW}`]: answers("slim.js", NEW),
  [`webhooks, ${NEW}`]: hearsOfIt(NEW),
  [`webhooks, ${OLD}`]: hearsOfIt(OLD),
  [`a watch of another request, ${NEW}`]: obeys(NEW),
  [`a watch of another request, ${OLD}`]: obeys(OLD),
};
const works = `client at module scope and in the handler, webhooks, a watch of another request, compatibility dates ${NEW} and ${OLD}; slim with the .wasm file`;
consumer("workerd, bundled by wrangler", () => `${versionOf("workerd")}, wrangler ${versionOf("wrangler")}`, modes, works);
