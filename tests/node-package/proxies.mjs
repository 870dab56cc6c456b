// A proxy over an API that lives in the test, and what visitors ask of it.
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { createProxy, toNodeHandler } from "extracta-wasm/proxy";
import { newToken, NOWHERE } from "./standin.mjs";

export const FLOOR_MS = 40;
const ORIGIN = "https://app.example";

/** An API that answers what `reply` makes of the ids: JSON, or a Response; and what arrived there, with the times. */
export function api(reply) {
  const arrived = [];
  const fetch = async (url, init) => {
    const ids = JSON.parse(init.body);
    const requested = { url, init, ids, at: performance.now(), nth: arrived.filter(({ ids: { batchId } }) => batchId === ids.batchId).length + 1 };
    arrived.push(requested);
    const answer = await reply(requested);
    return answer instanceof Response ? answer : Response.json(answer);
  };
  const gaps = () => arrived.slice(1).map(({ at }, index) => at - arrived[index].at);
  return { fetch, arrived, gaps, of: (batchId) => arrived.filter(({ ids }) => ids.batchId === batchId) };
}

export const waiting = (ids) => ({ ...ids, status: "waiting" });
export const done = (ids) => ({ ...ids, files: [{ fileId: "f1", fileName: "a.pdf", status: "processed", result: { total: "1" } }] });
/** Done at the request of this number, counted for each batch. */
export const doneAt = (last) => ({ ids, nth }) => (nth < last ? waiting(ids) : done(ids));
export const doneFrom = (at) => ({ ids }) => (performance.now() < at ? waiting(ids) : done(ids));

/** A proxy of an account of its own, whose visitors say who they are. */
export function proxied({ fetch }, options) {
  const authorize = (request) => request.headers.get("x-visitor") ?? true;
  return createProxy({ token: newToken(), baseUrl: NOWHERE, minIntervalMs: FLOOR_MS, fetch, authorize, ...options });
}

/** A proxy as a server of node:http until the test ends: its port. */
export async function listen(t, proxy, settings) {
  const server = Object.assign(createServer(toNodeHandler(proxy)), settings);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return server.address().port;
}

export function pageRequest(batch, { headers, visitor, prefer, path, method = "POST", body, signal } = {}) {
  const own = { "content-type": "application/json", "sec-fetch-site": "same-origin", ...(visitor && { "x-visitor": visitor }), ...(prefer && { prefer }) };
  const all = Object.entries({ ...own, ...headers }).filter(([, value]) => value !== undefined);
  const at = path ?? ("classificationId" in batch ? "documentClassification/getResults" : "getBatchResults");
  const sent = method === "GET" || method === "HEAD" ? undefined : (body ?? JSON.stringify(batch));
  return new Request(`${ORIGIN}/api/extracta/${at}`, { method, headers: all, body: sent, signal, duplex: "half" });
}

/** What a visitor is answered. */
export async function ask(proxy, batch, how = {}) {
  const response = await proxy(pageRequest(batch, how), how.context);
  const text = await response.text();
  const isJson = response.headers.get("content-type") === "application/json";
  return { status: response.status, headers: Object.fromEntries(response.headers), text, json: isJson ? JSON.parse(text) : undefined };
}

/**
 * A visitor that asks once for each change, as the client does: it waits as long as Retry-After says, and again when nothing changed. Gives
 * how often it asked, and what it was answered at last.
 */
export async function follows(proxy, batch, { waitS = 20, visitor, signal } = {}) {
  const statuses = [];
  let since;
  for (;;) {
    const prefer = `wait=${waitS}${since ? `; since="${since}"` : ""}`;
    const answer = await ask(proxy, batch, { prefer, visitor, signal });
    statuses.push(answer.status);
    if (signal?.aborted) return { statuses };
    if (answer.status === 200) {
      since = answer.headers["extracta-state"];
      if (answer.json.files?.every(({ status }) => status === "processed")) return { statuses, answer, at: performance.now() };
    } else if (answer.status !== 204 && answer.status !== 429) {
      return { statuses, answer };
    }
    const afterS = Number(answer.headers["retry-after"] ?? 0);
    if (afterS > 0) await sleep(afterS * 1_000, undefined, { signal }).catch(() => {});
    if (signal?.aborted) return { statuses };
  }
}
