// The proxy as a server of node:http, in front of the stand-in that enforces the rule, with clients of today as visitors; and more
// connections than it may hold.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { ExtractaClient } from "extracta-wasm";
import { createProxy } from "extracta-wasm/proxy";
import { api, listen, waiting } from "../proxies.mjs";
import { extraction, fast, gapsOf, newToken, NOWHERE } from "../standin.mjs";

const authorize = ({ headers }) => headers.get("x-visitor") ?? true;
/** Distinct batches that are finished at their third request. */
const ownBatch = (nth) => extraction(`waits-${"0".repeat(nth + 1)}2`);

test("twenty visitors with batches of their own: none is refused by the API, and no request is made in vain", async (t) => {
  const account = fast();
  const port = await listen(t, createProxy({ ...account, authorize }));
  const visits = Array.from({ length: 20 }, (_, nth) => {
    // A path of its own, as each is a page of its own with a lane of its own.
    const baseUrl = `http://127.0.0.1:${port}/${newToken()}`;
    const client = new ExtractaClient({ baseUrl, minIntervalMs: account.minIntervalMs, headers: { "x-visitor": `v${nth}` } });
    return client.pollUntilDone(ownBatch(nth));
  });
  for (const { files } of await Promise.all(visits)) assert.equal(files.length, 3);
  const { count, violations } = (await gapsOf(account))["/getBatchResults"];
  assert.deepEqual([count, violations], [60, 0]);
});

test("ten thousand connections: as many are held as may be, the others get a Retry-After, and all places are free again", async (t) => {
  const MAX_HELD = 500;
  const upstream = api(({ ids }) => waiting(ids));
  const port = await listen(t, createProxy({ token: newToken(), baseUrl: NOWHERE, fetch: upstream.fetch, authorize, maxHeld: MAX_HELD, maxHoldMs: 600_000, minIntervalMs: 1_000 }));
  const statuses = new Map();
  const [sockets, opened] = [[], []];
  let reported = 0;
  const answered = () => [...statuses.values()].reduce((sum, count) => sum + count, 0);
  for (let nth = 0; nth < 10_000; nth++) {
    const body = JSON.stringify(extraction(`b${nth}`));
    const head = `POST /getBatchResults HTTP/1.1\r\nhost: a\r\nsec-fetch-site: same-origin\r\ncontent-type: application/json\r\nx-visitor: v${nth}\r\nprefer: wait=600\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`;
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.on("data", (data) => {
      const [, status] = /^HTTP\/1\.1 (\d+)/.exec(data) ?? [];
      if (status === undefined) return;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (/\r\nretry-after: [1-9]\d*\r\n/i.test(data)) reported += 1;
    });
    opened.push(new Promise((resolve) => socket.on("connect", () => socket.write(head + body, resolve)).on("close", resolve)));
    sockets.push(socket);
    // As many at once as a process may have open, and a listener's backlog takes.
    if (opened.length % 200 !== 0) continue;
    await Promise.all(opened);
    while (nth - answered() > MAX_HELD + 200) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await Promise.all(opened);
  const refused = () => (statuses.get("204") ?? 0) + (statuses.get("429") ?? 0);
  while (refused() < 10_000 - MAX_HELD - (statuses.get("200") ?? 0)) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(reported >= 10_000 - MAX_HELD - (statuses.get("200") ?? 0), `${reported} got a Retry-After: ${JSON.stringify([...statuses])}`);
  for (const socket of sockets) socket.destroy();
  // Whoever comes now is held at once, as all places are free.
  const answer = await fetch(`http://127.0.0.1:${port}/getBatchResults`, { method: "POST", headers: { "sec-fetch-site": "same-origin", "content-type": "application/json" }, body: JSON.stringify(extraction("last")) });
  assert.equal(answer.status, 200);
});
