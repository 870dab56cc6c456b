// A page in Firefox, which Playwright drives only in a build of its own. So the page is served with a few lines added,
// that send home what it reports.
import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Missing } from "./missing.mjs";
import { assertPolledToTheEnd, baseUrl, newToken } from "./poll.mjs";
import { run, start } from "./program.mjs";
import { serve } from "./server.mjs";
import { scratch } from "./settings.mjs";

const SEND_HOME = `
<script>
  const send = (text) => fetch("/report", { method: "POST", body: text });
  addEventListener("error", ({ message }) => send(message));
  addEventListener("unhandledrejection", ({ reason }) => send(String(reason)));
  const output = document.querySelector("output");
  new MutationObserver(() => send(output.textContent)).observe(output, { childList: true });
</script>
`;

// It talks to nobody but the page's servers.
const PREFERENCES = {
  "app.normandy.enabled": false,
  "app.update.disabledForTesting": true,
  "browser.safebrowsing.update.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.update.enabled": false,
  "media.gmp-manager.updateEnabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "data:,",
};

function firefox() {
  if (!process.env.FIREFOX) throw new Missing("no Firefox found: install firefox-esr or firefox, or set FIREFOX to its path");
  return process.env.FIREFOX;
}

export async function firefoxVersion(t) {
  return (await run(t, firefox(), ["--version"])).trim().replace("Mozilla Firefox ", "");
}

/** Opens a page of the folder, which polls. */
export async function pollInFirefox(t, folder, page = "") {
  const token = newToken();
  await assertPolledToTheEnd(await reportOf(t, folder, `${page}?${new URLSearchParams({ api: baseUrl, token })}`), token);
}

/** Opens a page of the folder, and gives what it reports in its <output>. */
export async function reportOf(t, folder, page) {
  let tell;
  const reported = new Promise((resolve) => (tell = resolve));
  const address = await serve(t, folder, { addToPages: SEND_HOME, onReport: tell });
  const profile = await mkdtemp(join(scratch, "apps", "firefox-"));
  const lines = Object.entries(PREFERENCES).map((preference) => `user_pref(${preference.map((part) => JSON.stringify(part))});`);
  await writeFile(join(profile, "user.js"), lines.join("\n"));
  const args = ["--headless", "--no-remote", "--profile", profile, `${address}${page}`];
  const browser = start(t, firefox(), args, { env: { HOME: profile } });
  return Promise.race([reported, browser.finished().then(() => "Firefox ended before the page reported")]);
}
