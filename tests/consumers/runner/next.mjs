// Next.js: the client in a page, in a route of the Node server and in one of the edge runtime. That one is in the folder
// pages, as Next 16.4 built by webpack fails with any edge route in the folder app.
import { freshApp } from "./app.mjs";
import { pollOnPage } from "./chromium.mjs";
import { consumer } from "./consumer.mjs";
import { assertPolledToTheEnd, baseUrl, newToken } from "./poll.mjs";
import { run, start } from "./program.mjs";
import { installed, versionOf } from "./settings.mjs";

const script = installed("next/dist/bin/next");
const env = { NEXT_TELEMETRY_DISABLED: "1", NO_COLOR: "1" };

const builds = (bundler) => async (t) => {
  const cwd = await freshApp(t, "next");
  await run(t, process.execPath, [script, "build", bundler], { cwd, env });
  const server = start(t, process.execPath, [script, "start", "--hostname=127.0.0.1", "--port=0"], { cwd, env });
  const [address] = await server.until(/http:\/\/127\.0\.0\.1:\d+/);
  await Promise.all([pollOnPage(t, `${address}/`), pollInRoute(`${address}/server`), pollInRoute(`${address}/api/edge`)]);
};

async function pollInRoute(address) {
  const token = newToken();
  const response = await fetch(`${address}?${new URLSearchParams({ api: baseUrl, token })}`);
  await assertPolledToTheEnd(await response.text(), token);
}

consumer("Next", () => versionOf("next"), {
  "page, server and edge routes built by Turbopack": builds("--turbopack"),
  "page, server and edge routes built by webpack": builds("--webpack"),
});
