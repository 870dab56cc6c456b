// Many visitors of one account, pages and programs, each with a batch of its own: through the package's proxy, and through one that
// only adds the key. The stand-in enforces the account's rule and says what arrived.
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { setTimeout as later } from "node:timers/promises";
import { ExtractaClient } from "../../pkg/npm/dist/index.js";
import { createProxy, toNodeHandler } from "../../pkg/npm/dist/proxy.js";

/** By name: a handler of Node's `http`, for the API's address, a key and the rule. */
export const PROXIES = {
  "extracta-wasm/proxy": ({ baseUrl, token, floorMs }) =>
    toNodeHandler(createProxy({ baseUrl, token, minIntervalMs: floorMs, authorize: visitorOf })),
  "a proxy that only adds the key": ({ baseUrl, token }) => passThrough(baseUrl, token),
};

const PAGE = `<!doctype html><meta charset="utf-8"><title>A visitor</title>
<script type="module">
  import { ExtractaClient } from "/pkg/index.js";
  window.poll = async ({ name, batch, floorMs, timeoutMs }) => {
    const client = new ExtractaClient({ baseUrl: "/" + name, minIntervalMs: floorMs });
    return client.pollUntilDone(batch, { timeoutMs }).then(() => "done", ({ code }) => code);
  };
</script>`;

/**
 * Lets visitors poll until their batches are done, or for so long. Each batch is waiting at `waits` polls. Gives what the API, the
 * proxy and the visitors saw.
 */
export async function visit(name, { standin, browser, pages, programs, waits, floorMs, timeoutMs }) {
  const token = `visitors-${randomUUID()}`;
  const visitors = Array.from({ length: pages + programs }, (_, n) => ({ name: `visitor-${n}`, batch: batchOf(n, waits), requests: 0, statuses: {} }));
  const server = await serve(PROXIES[name]({ baseUrl: `${standin}/api/v1`, token, floorMs }), visitors);
  const contexts = [];
  try {
    const ready = await Promise.all(
      visitors.map(async ({ name, batch }, n) => {
        const what = { name, batch, floorMs, timeoutMs };
        if (n >= pages) return () => poll(server.url, what);
        const context = await browser.newContext();
        contexts.push(context);
        const page = await context.newPage();
        await page.goto(server.url);
        await page.waitForFunction(() => "poll" in window);
        return () => page.evaluate((what) => window.poll(what), what);
      }),
    );
    const startedAt = performance.now();
    const end = async (visitor, start) => {
      visitor.outcome = await start();
      visitor.endedAfterMs = performance.now() - startedAt;
    };
    await Promise.all(visitors.map((visitor, n) => end(visitor, ready[n])));
    // What was on its way when the last one ended arrives as well.
    await later(floorMs);
    const arrivals = await (await fetch(`${standin}/_standin/log?token=${token}`)).json();
    return figures({ visitors, arrivals, needed: visitors.length * (waits + 1), floorMs });
  } finally {
    await Promise.all(contexts.map((context) => context.close()));
    server.close();
  }
}

function figures({ visitors, arrivals, needed, floorMs }) {
  const times = arrivals.map(({ arrivedMs }) => arrivedMs);
  const done = visitors.filter(({ outcome }) => outcome === "done");
  const sum = (of) => visitors.reduce((total, visitor) => total + of(visitor), 0);
  return {
    visitors: visitors.length,
    done: done.length,
    outcomes: visitors.map(({ outcome }) => outcome),
    doneAfterMs: done.map(({ endedAfterMs }) => Math.round(endedAfterMs)).toSorted((one, other) => one - other),
    upstream: arrivals.length,
    refused: arrivals.filter(({ violation }) => violation).length,
    needed,
    smallestGapMs: Math.round(Math.min(...times.slice(1).map((at, n) => at - times[n]))),
    idealMs: (needed - 1) * floorMs,
    tookMs: Math.round(Math.max(...visitors.map(({ endedAfterMs }) => endedAfterMs))),
    requestsOfEach: sum(({ requests }) => requests) / visitors.length,
    told429: sum(({ statuses }) => statuses[429] ?? 0),
    told204: sum(({ statuses }) => statuses[204] ?? 0),
  };
}

/** The stand-in keeps batches apart by their ids: "waits-2", "waits-02" and "waits-002" are three. */
function batchOf(n, waits) {
  return { extractionId: "visitors", batchId: `waits-${"0".repeat(n)}${waits}` };
}

function poll(url, { name, batch, floorMs, timeoutMs }) {
  const client = new ExtractaClient({ baseUrl: `${url}/${name}`, minIntervalMs: floorMs });
  return client.pollUntilDone(batch, { timeoutMs }).then(() => "done", ({ code }) => code);
}

function visitorOf({ url }) {
  return new URL(url).pathname.split("/")[1];
}

/** Serves the page and its script, and what the proxy answers to each visitor. */
async function serve(handler, visitors) {
  const server = createServer(async (incoming, outgoing) => {
    if (incoming.method === "POST") {
      const visitor = visitors.find(({ name }) => incoming.url.startsWith(`/${name}/`));
      visitor.requests += 1;
      outgoing.on("finish", () => (visitor.statuses[outgoing.statusCode] = (visitor.statuses[outgoing.statusCode] ?? 0) + 1));
      return handler(incoming, outgoing);
    }
    if (!incoming.url.startsWith("/pkg/")) return void outgoing.setHeader("content-type", "text/html").end(PAGE);
    const script = await readFile(new URL(`../../pkg/npm/dist/${incoming.url.slice(5)}`, import.meta.url));
    outgoing.setHeader("content-type", "text/javascript").end(script);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** What people write first. */
function passThrough(baseUrl, token) {
  return async (incoming, outgoing) => {
    const body = Buffer.concat(await incoming.toArray());
    const path = incoming.url.replace(/^\/visitor-\d+/, "");
    const response = await fetch(`${baseUrl}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body,
    });
    const retryAfter = response.headers.get("retry-after");
    outgoing.writeHead(response.status, { "content-type": response.headers.get("content-type"), ...(retryAfter && { "retry-after": retryAfter }) });
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  };
}
