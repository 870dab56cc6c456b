// A Worker of a page, bundled by wrangler and run by workerd, with the Durable Objects that the page's wrangler.jsonc names.
import { existsSync } from "node:fs";
import { join, parse } from "node:path";
import { fileURLToPath } from "node:url";
import { dryRun } from "../../../xtask/wrangler.mjs";
import { newToken } from "../../consumers/runner/poll.mjs";
import { run, start } from "../../consumers/runner/program.mjs";
import { node } from "../../consumers/runner/programs.mjs";
import { scratch } from "../../consumers/runner/settings.mjs";
import { standin } from "../../consumers/runner/standin.mjs";

const SERVE = fileURLToPath(new URL("serve-worker.mjs", import.meta.url));

/** How a Worker is deployed whose page shows no wrangler.jsonc. */
const PLAIN = ["--name=app", "--compatibility-date=2026-11-01"];

/**
 * Runs a script of the app until the test ends. Its requests to the API go to the stand-in, where each batch is `batch`; all
 * others go to `elsewhere`, if that is given. `bindings` join `EXTRACTA_API_KEY`, which is `token`; `workflows` are classes by binding.
 */
export async function startWorker(t, { app, file, batch = "waits-1", bindings = {}, elsewhere, workflows = {}, buckets = [] }) {
  const token = newToken();
  const config = join(app, "wrangler.jsonc");
  const isConfigured = existsSync(config);
  const out = join(app, `out-${parse(file).name}`);
  const { args, env } = dryRun(scratch, out, [file, ...(isConfigured ? [] : PLAIN)]);
  await run(t, node(24), args, { cwd: app, env });
  const settings = {
    out,
    main: `${parse(file).name}.js`,
    config: isConfigured ? config : undefined,
    bindings: { EXTRACTA_API_KEY: token, EXTRACTA_WEBHOOK_SECRET: "secret", ...bindings },
    standin,
    batch,
    elsewhere,
    workflows,
    buckets,
  };
  const worker = start(t, node(24), [SERVE, scratch, JSON.stringify(settings)], { stdio: "pipe" });
  const [, url] = await worker.until(/listening on (\S+)/);
  return { url, token, worker };
}

/** A module whose default export has `fetch(request, env)`: it gets one request, and its answer is the output. */
export async function inWorkerd(t, { app, file, block }) {
  const { url } = await startWorker(t, { app, file, batch: block.options.as });
  const response = await fetch(url);
  const text = await response.text();
  if (response.status >= 500) throw new Error(`the Worker answered ${response.status}: ${text}`);
  return text;
}
