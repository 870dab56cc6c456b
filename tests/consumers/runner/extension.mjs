// An extension for Chromium, manifest version 3: its files as they are, without a bundler.
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { launchWithExtension } from "../../../xtask/chromium.mjs";
import { HUNG_MS } from "../../../xtask/expect.mjs";
import { freshApp } from "./app.mjs";
import { chromiumVersion, executable, reportOn } from "./chromium.mjs";
import { consumersOf, ofThisMachine } from "./consumer.mjs";
import { assertPolledToTheEnd, baseUrl, newToken } from "./poll.mjs";
import { scratch } from "./settings.mjs";

const consumer = consumersOf("Browsers");

const polls = (page) => async (t) => {
  const [extension, profile, token] = [await freshApp(t, "extension"), await mkdtemp(join(scratch, "apps", "chromium-")), newToken()];
  const context = await launchWithExtension(executable(), extension, profile);
  t.after(() => context.close());
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker", { timeout: HUNG_MS }));
  const address = new URL(`${page}?${new URLSearchParams({ api: baseUrl, token })}`, worker.url());
  await assertPolledToTheEnd(await reportOn(await context.newPage(), address.href), token);
};

consumer("Chromium, MV3 extension without a bundler", ofThisMachine(chromiumVersion), {
  "service worker": polls("worker.html"),
  "page of the extension": polls("page.html"),
});
