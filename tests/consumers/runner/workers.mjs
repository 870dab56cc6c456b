// Cloudflare Workers.
import assert from "node:assert/strict";
import { freshApp } from "./app.mjs";
import { consumer } from "./consumer.mjs";
import { assertPolledToTheEnd, baseUrl, newToken } from "./poll.mjs";
import { versionOf } from "./settings.mjs";
import { serveWorker } from "./workerd.mjs";

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

consumer("workerd, bundled by wrangler", () => `${versionOf("workerd")}, ${versionOf("wrangler")}`, {
  [`client at module scope, ${NEW}`]: answers("module-scope.js", NEW),
  [`client at module scope, ${OLD}`]: answers("module-scope.js", OLD),
  [`client in the handler, ${NEW}`]: answers("handler.js", NEW),
  [`client in the handler, ${OLD}`]: answers("handler.js", OLD),
  [`slim with the .wasm file, ${NEW}`]: answers("slim.js", NEW),
});
