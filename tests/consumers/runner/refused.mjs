// Where WebAssembly is refused: an error that says what to do.
import assert from "node:assert/strict";
import { join } from "node:path";
import { freshApp } from "./app.mjs";
import { chromiumVersion, openPage } from "./chromium.mjs";
import { consumersOf, ofThisMachine } from "./consumer.mjs";
import { run } from "./program.mjs";
import { serve } from "./server.mjs";
import { installed, versionOf } from "./settings.mjs";
import { startModules } from "./workerd.mjs";

const consumer = consumersOf("Where WebAssembly is refused");

function assertRefused(text, count, saying) {
  const ends = JSON.parse(text);
  assert.equal(ends.length, count, text);
  for (const [isUnsupported, message] of ends) {
    assert.ok(isUnsupported, message);
    assert.match(message, saying);
  }
}

consumer("Page in Chromium, content policy without `wasm-unsafe-eval`", ofThisMachine(chromiumVersion), {
  "`UNSUPPORTED`, with slim too": async (t) => {
    const headers = { "content-security-policy": "default-src 'none'; script-src 'self'; connect-src 'self'" };
    const address = await serve(t, await freshApp(t, "refused"), { headers });
    // The browser lists in the console that it refuses.
    const { page, trouble } = await openPage(t, `${address}page.html`, { requestsMayFail: true });
    const report = page.locator("output:not(:empty)");
    await Promise.race([report.waitFor({ timeout: 600_000 }), trouble]);
    assertRefused(await report.textContent(), 2, /Content-Security-Policy: script-src 'wasm-unsafe-eval'/);
  },
});

consumer("workerd, bundled without its condition", () => `${versionOf("workerd")}, esbuild ${versionOf("esbuild")}`, {
  "`UNSUPPORTED`": async (t) => {
    const app = await freshApp(t, "refused");
    await run(t, process.execPath, [installed("esbuild/bin/esbuild"), "worker.js", "--bundle", "--format=esm", "--outfile=out/worker.js"], { cwd: app });
    const response = await fetch(await startModules(t, join(app, "out"), "worker.js"));
    assertRefused(await response.text(), 1, /@cloudflare\/vite-plugin.*experimental\.wasm/);
  },
});
