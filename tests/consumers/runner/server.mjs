// A plain static server: files with the right type.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { text } from "node:stream/consumers";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

/**
 * Serves a folder until the test ends; gives the address, with a slash at the end. What is posted to /report goes to
 * `onReport`.
 */
export async function serve(t, folder, { headers = {}, addToPages = "", onReport } = {}) {
  const server = createServer(async (request, response) => {
    if (request.method === "POST") {
      onReport?.(await text(request));
      return response.writeHead(204).end();
    }
    const path = normalize(decodeURIComponent(new URL(request.url, "http://server").pathname));
    const file = join(folder, path.endsWith("/") ? `${path}index.html` : path);
    try {
      const body = await readFile(file);
      response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", ...headers });
      response.end(file.endsWith(".html") ? body + addToPages : body);
    } catch {
      response.writeHead(404, headers).end();
    }
  });
  await new Promise((resolve, reject) => server.on("error", reject).listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${server.address().port}/`;
}
