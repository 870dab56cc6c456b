// A proxy as a server of node:http in a process of its own, which says how many requests it holds and how much memory that takes.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { createProxy, toNodeHandler } from "extracta-wasm/proxy";
import { api, waiting } from "../proxies.mjs";
import { newToken, NOWHERE } from "../standin.mjs";

const upstream = api(({ ids }) => waiting(ids));
const authorize = ({ headers }) => headers.get("x-visitor");
// One of them is answered at each slot, and held no more: only the first, however long all of this takes.
const minIntervalMs = 3_600_000;
const proxy = createProxy({ token: newToken(), baseUrl: NOWHERE, fetch: upstream.fetch, authorize, minIntervalMs, maxHeld: 20_000, maxHoldMs: 3_600_000 });
const server = createServer(toNodeHandler(proxy));
// A backlog as long as what the test opens at once.
server.listen({ port: 0, host: "127.0.0.1", backlog: 1_000 }, () => console.log(`listening on ${server.address().port}`));

function held() {
  const accounts = [...globalThis[Symbol.for("extracta-wasm.proxy.1")].values()].flatMap((known) => [...known.values()]);
  return accounts.reduce((sum, { heldCount }) => sum + heldCount, 0);
}

createInterface({ input: process.stdin }).on("line", (line) => {
  if (line === "memory") {
    globalThis.gc();
    globalThis.gc();
  }
  const { heapUsed, rss } = process.memoryUsage();
  console.log(JSON.stringify({ held: held(), heapUsed, rss }));
});
process.stdin.on("end", () => process.exit());
