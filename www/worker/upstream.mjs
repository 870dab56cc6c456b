/** An API on this machine for tests of the Worker in Node: it keeps what arrived and answers what it is told. */
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { answering } from "./answering.js";
import { askResults } from "./results.js";
import { routes } from "./routes.js";

export const KEY = "canary-key-5b1c";

/** The part of the Worker that stands between pages and the API: the rest needs workerd. */
export const worker = { fetch: answering(routes([["/api/extracta/", askResults]])) };

/** Listens until the test ends. `answer` writes each answer; `arrived` holds `{ method, url, headers, body }`. */
export async function upstream(t, answer) {
  const arrived = [];
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    arrived.push({ method, url, headers, body: await text(request) });
    answer(response);
  });
  await new Promise((resolve, reject) => server.on("error", reject).listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const EXTRACTA_BASE_URL = `http://127.0.0.1:${server.address().port}/api/v1/`;
  return { arrived, env: { EXTRACTA_API_KEY: KEY, EXTRACTA_BASE_URL } };
}
