// Web pages: bundled, served by a development server, and without any of that.
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { freshApp } from "./app.mjs";
import { chromiumVersion, pollOnPage } from "./chromium.mjs";
import { consumersOf, ofThisMachine } from "./consumer.mjs";
import { firefoxVersion, pollInFirefox } from "./firefox.mjs";
import { baseUrl } from "./poll.mjs";
import { run, start } from "./program.mjs";
import { serve } from "./server.mjs";
import { installed, versionOf } from "./settings.mjs";

const consumer = consumersOf("Bundlers");

/** Builds with the bundler's own command, as it is without configuration, and opens the page. `wasm`: how many files. */
const builds = (app, script, args, { dist = "dist", site = ".", wasm = 0 } = {}) => async (t) => {
  const folder = await freshApp(t, app);
  await run(t, process.execPath, [installed(script), ...args], { cwd: folder });
  const built = await readdir(join(folder, dist), { recursive: true });
  assert.equal(built.filter((file) => file.endsWith(".wasm")).length, wasm, `the build wrote ${built}`);
  await pollOnPage(t, await serve(t, join(folder, site)), { wasm });
};

const develops = (app, { page = "", wasm = 0 } = {}) => async (t) => {
  const folder = await freshApp(t, app);
  const vite = start(t, process.execPath, [installed("vite/bin/vite.js"), "--host=127.0.0.1", "--port=0"], { cwd: folder, env: { NO_COLOR: "1" } });
  const [address] = await vite.until(/http:\/\/127\.0\.0\.1:\d+\//);
  await pollOnPage(t, `${address}${page}`, { wasm });
};

const opens = (app, { page = "", wasm = 0, headers } = {}) => async (t) => {
  await pollOnPage(t, `${await serve(t, await freshApp(t, app), { headers })}${page}`, { wasm });
};

consumer("Vite", () => versionOf("vite"), {
  build: builds("vite", "vite/bin/vite.js", ["build"], { site: "dist" }),
  "development server": develops("vite"),
  "slim with the `.wasm` file, build": builds("vite", "vite/bin/vite.js", ["build", "slim"], { dist: "slim/dist", site: "slim/dist", wasm: 1 }),
  "slim with the `.wasm` file, development server": develops("vite", { page: "slim/", wasm: 1 }),
});

consumer("webpack", () => versionOf("webpack"), {
  production: builds("webpack", "webpack-cli/bin/cli.js", ["--mode=production"]),
  development: builds("webpack", "webpack-cli/bin/cli.js", ["--mode=development"]),
  "slim with the `.wasm` file": builds("webpack", "webpack-cli/bin/cli.js", ["--mode=production", "--entry=./src/slim.js"], { wasm: 1 }),
});

consumer("Rspack", () => versionOf("@rspack/core"), {
  production: builds("webpack", "@rspack/cli/bin/rspack.js", ["build", "--mode=production"]),
  development: builds("webpack", "@rspack/cli/bin/rspack.js", ["build", "--mode=development"]),
  "slim with the `.wasm` file": builds("webpack", "@rspack/cli/bin/rspack.js", ["build", "--mode=production", "--entry=./src/slim.js"], { wasm: 1 }),
});

consumer("Rollup", () => versionOf("rollup"), {
  "with @rollup/plugin-node-resolve, as for every package": builds("rollup", "rollup/dist/bin/rollup", ["main.js", "--plugin=node-resolve", "--file=dist/main.js"]),
});

// It would write where it finds a lock file, and ours is above the app.
const parcel = (page, more) => builds("parcel", "parcel/lib/bin.js", ["build", page, "--dist-dir=dist", "--cache-dir=.cache"], { site: "dist", ...more });
consumer("Parcel", () => versionOf("parcel"), {
  build: parcel("index.html"),
  "slim with the `.wasm` file": parcel("slim/index.html", { wasm: 1 }),
});

consumer("esbuild", () => versionOf("esbuild"), {
  "classic script": builds("esbuild", "esbuild/bin/esbuild", ["main.js", "--bundle", "--minify", "--outfile=dist/main.js"]),
});

// No bundler: the files of the package as they are.
const csp = { "content-security-policy": `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ${new URL(baseUrl).origin}` };
const browser = consumersOf("Browsers");
browser("Chromium, page without a bundler", ofThisMachine(chromiumVersion), {
  '`<script type="module">`': opens("page"),
  "strict content policy": opens("csp", { page: "index.html", headers: csp }),
  "strict content policy, slim with the `.wasm` file": opens("csp", { page: "slim.html", headers: csp, wasm: 1 }),
});

browser("Firefox, page without a bundler", ofThisMachine(firefoxVersion), {
  '`<script type="module">`': async (t) => pollInFirefox(t, await freshApp(t, "page")),
});
