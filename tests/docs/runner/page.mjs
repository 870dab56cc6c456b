// A module of a web page, in Chromium. Its server has the proxy that the documentation describes.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { text } from "node:stream/consumers";
import { createRequire } from "node:module";
import { openPage } from "../../consumers/runner/chromium.mjs";
import { newToken } from "../../consumers/runner/poll.mjs";
import { standin } from "../../consumers/runner/standin.mjs";
import { renamed } from "./renamed.mjs";

const { transform } = createRequire(new URL("../../../xtask/", import.meta.url))("esbuild");

const ENTRIES = ["slim", "origin", "webhooks", "testing"];
const imports = Object.fromEntries([["extracta-wasm", "/node_modules/extracta-wasm/dist/index.js"], ...ENTRIES.map((entry) => [`extracta-wasm/${entry}`, `/node_modules/extracta-wasm/dist/${entry}.js`])]);

const html = (file) => `<!doctype html>
<title>A page of the documentation</title>
<script type="importmap">${JSON.stringify({ imports })}</script>
<output></output>
<script type="module">
  const lines = [];
  console.log = (...values) => lines.push(values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))).join(" "));
  try {
    await import("/${file}");
    document.querySelector("output").textContent = "ended\\n" + lines.join("\\n");
  } catch (error) {
    document.querySelector("output").textContent = "failed\\n" + error.stack;
  }
</script>
`;

export async function onPage(t, { app, file, block }) {
  const address = await serve(t, app, file, block.options.as ?? "waits-1");
  const { page, trouble } = await openPage(t, address);
  const output = page.locator("output:not(:empty)");
  await Promise.race([output.waitFor({ timeout: 600_000 }), trouble]);
  const [end, ...lines] = (await output.textContent()).split("\n");
  if (end !== "ended") throw new Error(lines.join("\n"));
  return lines.join("\n");
}

async function serve(t, app, file, batch) {
  const token = newToken();
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://server");
    const send = (type, body, status = 200) => response.writeHead(status, { "content-type": type }).end(body);
    try {
      if (pathname === "/") return send("text/html", html(file));
      const [, endpoint] = /^\/api\/extracta\/(.*)$/.exec(pathname) ?? [];
      if (endpoint) {
        const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
        const answer = await renamed(`${standin}/api/v1/${endpoint}`, { body: await text(request), headers, batch });
        return send("application/json", await answer.text(), answer.status);
      }
      const source = await readFile(join(app, pathname));
      const [, kind] = /^\.m?(js|ts)$/.exec(extname(pathname)) ?? [];
      if (!kind) return send(pathname.endsWith(".wasm") ? "application/wasm" : "application/octet-stream", source);
      const { code } = await transform(source.toString(), { loader: kind });
      send("text/javascript", code);
    } catch (error) {
      send("text/plain", String(error), 404);
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${server.address().port}/`;
}
