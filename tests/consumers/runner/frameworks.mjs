// Frameworks: the client in a page, and in a route of the server that the framework makes.
import { join } from "node:path";
import { freshApp } from "./app.mjs";
import { pollOnPage } from "./chromium.mjs";
import { consumersOf } from "./consumer.mjs";
import { freePort } from "./free-port.mjs";
import { assertPolledToTheEnd, baseUrl, newToken, pollInRoute } from "./poll.mjs";
import { run, start } from "./program.mjs";
import { node } from "./programs.mjs";
import { serve } from "./server.mjs";
import { pollThroughProxy } from "./through-proxy.mjs";
import { installedFor, versionOf } from "./settings.mjs";
import { serveWorker, startModules } from "./workerd.mjs";

const consumer = consumersOf("Frameworks");

// They neither send statistics home nor ask for a newer version of themselves.
const env = { ASTRO_TELEMETRY_DISABLED: "1", NUXT_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1", NO_COLOR: "1", NO_UPDATE_NOTIFIER: "1" };

/** Runs a command of a package that the app installed. Most of them need a newer Node than the package does. */
const command = (t, app, cwd, script, args, more = {}) => run(t, node(24), [installedFor(app, script), ...args], { cwd, env: { ...env, ...more } });

/** Starts what was built, on a port of its own; gives the address. */
async function served(t, cwd, args, more = {}) {
  const port = await freePort();
  const where = { HOST: "127.0.0.1", PORT: String(port), NODE_ENV: "production", ...more };
  const server = start(t, node(24), args, { cwd, env: { ...env, ...where } });
  await server.until(new RegExp(`:${port}\\b`));
  return `http://127.0.0.1:${port}`;
}

const pageAndRoute = (t, address, route) => Promise.all([pollOnPage(t, `${address}/`), pollInRoute(`${address}${route}`)]);

/** The same where the server also is a proxy for its pages. */
async function withProxy(t, cwd, args, route) {
  const token = newToken();
  const address = await served(t, cwd, args, { EXTRACTA_URL: baseUrl, PROXIED_KEY: token });
  await Promise.all([pageAndRoute(t, address, route), pollThroughProxy(`${address}/api/extracta`, token)]);
}

/** A page, built, that keeps client and watch in one of Vue's containers. */
const vue = (kept) => async (t) => {
  const app = await freshApp(t, "vue");
  await command(t, "vue", app, "vite/bin/vite.js", ["build", kept, "--config=vite.config.js"]);
  await pollOnPage(t, await serve(t, join(app, kept, "dist")));
};

consumer("Vue", () => `${versionOf("vue", "vue")}, Pinia ${versionOf("pinia", "vue")}, Vite ${versionOf("vite", "vue")}`, {
  "client and watch in a `ref`": vue("ref"),
  "in `reactive`": vue("reactive"),
  "in a Pinia store": vue("pinia"),
});

consumer("React", () => `${versionOf("react", "react")}, Vite ${versionOf("vite", "react")}`, {
  "in `StrictMode`": async (t) => {
    const app = await freshApp(t, "react");
    // Effects run twice in development only.
    const vite = start(t, node(24), [installedFor("react", "vite/bin/vite.js"), "--host=127.0.0.1", "--port=0"], { cwd: app, env });
    const [address] = await vite.until(/http:\/\/127\.0\.0\.1:\d+/);
    await pollOnPage(t, `${address}/`);
  },
});

/** Built for one of the platforms that it knows. */
async function nuxtFor(t, preset, args = []) {
  const app = await freshApp(t, "nuxt");
  await command(t, "nuxt", app, "nuxt/bin/nuxt.mjs", ["build", `--preset=${preset}`, ...args]);
  return join(app, ".output", "server");
}

consumer("Nuxt", () => versionOf("nuxt", "nuxt"), {
  "page, client in a `ref`, and server route": async (t) => {
    const server = await nuxtFor(t, "node-server");
    await withProxy(t, server, ["index.mjs"], "/api/poll");
  },
  "server route at Cloudflare, with `nitro.experimental.wasm`": async (t) => {
    const server = await nuxtFor(t, "cloudflare-module", ["--envName=cloudflare"]);
    await pollInRoute(`${await startModules(t, server, "index.mjs", { compatibilityFlags: ["nodejs_compat"] })}api/poll`);
  },
});

consumer("SvelteKit", () => versionOf("@sveltejs/kit", "sveltekit"), {
  "page and server route": async (t) => {
    const app = await freshApp(t, "sveltekit");
    await command(t, "sveltekit", app, "vite/bin/vite.js", ["build"]);
    await withProxy(t, app, ["build/index.js"], "/server");
  },
});

consumer("Astro", () => versionOf("astro", "astro"), {
  "page and server route": async (t) => {
    const app = await freshApp(t, "astro");
    await command(t, "astro", app, "astro/bin/astro.mjs", ["build"]);
    await pageAndRoute(t, await served(t, app, ["dist/server/entry.mjs"]), "/server");
  },
});

consumer("React Router", () => versionOf("react-router", "react-router"), {
  "client loader and server loader": async (t) => {
    const app = await freshApp(t, "react-router");
    await command(t, "react-router", app, "@react-router/dev/bin.cjs", ["build"]);
    const serveScript = installedFor("react-router", "@react-router/serve/bin.cjs");
    await pageAndRoute(t, await served(t, app, [serveScript, "build/server/index.js"]), "/server");
  },
});

/** Builds a Worker by Vite, and runs it. `serveBuilt` is given the app and what the Worker finds in `env`. */
const workerByVite = (name, config, serveBuilt, alsoAsk) => async (t) => {
  const [app, token, proxied] = [await freshApp(t, name), newToken(), newToken()];
  await command(t, name, app, "vite/bin/vite.js", ["build", `--config=${config}`]);
  const address = await serveBuilt(t, app, { EXTRACTA_URL: baseUrl, EXTRACTA_API_KEY: token, PROXIED_KEY: proxied });
  await Promise.all([fetch(address).then(async (response) => assertPolledToTheEnd(await response.text(), token)), alsoAsk?.(address, proxied)]);
};

const asItIs = (t, app, bindings) => startModules(t, join(app, "dist", "app"), "index.js", { bindings });
const byWrangler = (t, app, bindings) => serveWorker(t, app, "dist/index.js", { compatibilityDate: "2026-09-01", bindings });

const throughHono = (address, token) => pollThroughProxy(`${address}api/extracta`, token);

consumer("Hono in Workers", () => `${versionOf("hono", "hono")}, Vite ${versionOf("vite", "hono")}`, {
  "by @cloudflare/vite-plugin": workerByVite("hono", "cloudflare.config.js", asItIs, throughHono),
  "by @hono/vite-build with `external: [\"extracta-wasm\"]`, and wrangler": workerByVite("hono", "vite.config.js", byWrangler, throughHono),
});

consumer("@cloudflare/vite-plugin", () => versionOf("@cloudflare/vite-plugin", "cloudflare-vite"), {
  build: workerByVite("cloudflare-vite", "vite.config.js", asItIs),
});
