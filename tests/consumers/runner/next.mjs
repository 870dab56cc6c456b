// Next.js, the newest and 14: the client in a page, in a page that the server renders, in a route of the
// Node server and in one of the edge runtime; and a page whose client asks through a route that is a proxy. That one is in the folder pages, as Next 16.4 built by webpack fails with any
// edge route in the folder app.
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { freshApp } from "./app.mjs";
import { pollOnPage, reportOf } from "./chromium.mjs";
import { consumersOf } from "./consumer.mjs";
import { assertPolledToTheEnd, baseUrl, newToken, pollInRoute } from "./poll.mjs";
import { run, start } from "./program.mjs";
import { installedFor, versionOf } from "./settings.mjs";

const consumer = consumersOf("Frameworks");

const builds = (app, ...bundler) => async (t) => {
  const [cwd, script, token] = [await freshApp(t, "next", app), installedFor(app, "next/dist/bin/next"), newToken()];
  const env = { NEXT_TELEMETRY_DISABLED: "1", NO_COLOR: "1", EXTRACTA_URL: baseUrl, EXTRACTA_API_KEY: token };
  await run(t, process.execPath, [script, "build", ...bundler], { cwd, env });
  const proxied = newToken();
  const server = start(t, process.execPath, [script, "start", "--hostname=127.0.0.1", "--port=0"], { cwd, env: { ...env, PROXIED_KEY: proxied } });
  const [address] = await server.until(/http:\/\/127\.0\.0\.1:\d+/);
  await Promise.all([
    pollOnPage(t, `${address}/`),
    pollInRoute(`${address}/server`),
    pollInRoute(`${address}/api/edge`),
    finishedWhereRendered(`${address}/rendered`),
    // Its client asks once for each change, of which there is one.
    reportOf(t, `${address}/proxied`).then((report) => assertPolledToTheEnd(report, proxied, [0, 1, 2])),
  ]);
  assert.deepEqual(await readdir(join(cwd, ".next/cache/fetch-cache")).catch(() => []), [], "documents that Next keeps on disk");
};

/** Next keeps what a server component fetches, by default: a poll would never see another reply than its first. */
async function finishedWhereRendered(address) {
  const page = await (await fetch(address)).text();
  assert.match(page, /<output>\{&quot;done&quot;:true,&quot;files&quot;:\[&quot;processed&quot;,/);
}

consumer("Next", () => versionOf("next"), {
  "page, server component, server and edge routes, by Turbopack": builds("next", "--turbopack"),
  "page, server component, server and edge routes, by webpack": builds("next", "--webpack"),
});

consumer("Next 14", () => versionOf("next", "next-14"), {
  "page, server component, server and edge routes": builds("next-14"),
});
