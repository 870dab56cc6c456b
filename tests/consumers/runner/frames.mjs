// Pages whose address is not what a path is relative to.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { freshApp } from "./app.mjs";
import { chromiumVersion, reportOf } from "./chromium.mjs";
import { consumersOf, ofThisMachine } from "./consumer.mjs";

const consumer = consumersOf("Browsers");

const asks = (page, expected) => async (t) => {
  const requested = [];
  const address = await serve(t, await freshApp(t, "frames"), (path) => requested.push(path));
  assert.equal(await reportOf(t, `${address}/pages/${page}`), "true");
  assert.deepEqual(requested, [expected]);
};

consumer("Chromium, page without a bundler", ofThisMachine(chromiumVersion), {
  "`<base href>`": asks("base.html", "/somewhere/else/api/v1/getBatchResults"),
  "`srcdoc` frame": asks("srcdoc.html", "/pages/api/v1/getBatchResults"),
  "worker of a blob": asks("worker.html", "/api/v1/getBatchResults"),
});

/** The app, its pages in a folder of their own, and an API below every path. */
async function serve(t, app, onPost) {
  const server = createServer(async (request, response) => {
    if (request.method === "POST") {
      onPost(request.url);
      return response.writeHead(200, { "content-type": "application/json" }).end('{ "files": [{ "status": "processed" }] }');
    }
    const path = request.url.replace(/^\/pages/, "");
    try {
      const body = await readFile(join(app, path));
      response.writeHead(200, { "content-type": path.endsWith(".html") ? "text/html" : "text/javascript" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${server.address().port}`;
}
