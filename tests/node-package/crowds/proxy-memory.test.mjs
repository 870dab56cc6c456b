// What a request costs that a proxy holds, sockets and all, in a process of its own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { extraction } from "../standin.mjs";

/** As many as are opened at once. */
const AT_ONCE = 500;

/** Four times what was measured, in bytes a request: of the heap, and of the whole process. */
const BOUNDS = { heapUsed: 4 * 19_000, rss: 4 * 62_000 };

/** Starts the server; gives its port and a function that asks it for a line. */
async function startServer(t) {
  const child = spawn(process.execPath, ["--expose-gc", fileURLToPath(new URL("held-memory.mjs", import.meta.url))], { stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value;
  const ask = async (what) => {
    child.stdin.write(`${what}\n`);
    return JSON.parse(await next());
  };
  return { port: Number(/\d+/.exec(await next())), ask };
}

/** Sends a request to be held. `onAnswer`: it was not. */
async function hold(port, nth, onAnswer) {
  const body = JSON.stringify(extraction(`b${nth}`));
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.on("error", () => {}).once("data", onAnswer);
  socket.write(`POST /getBatchResults HTTP/1.1\r\nhost: a\r\nsec-fetch-site: same-origin\r\ncontent-type: application/json\r\nx-visitor: v${nth}\r\nprefer: wait=3600; since="known"\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  return socket;
}

test("a thousand and ten thousand requests that are held take memory in proportion", { timeout: 900_000 }, async (t) => {
  const { port, ask } = await startServer(t);
  const sockets = [];
  let answered = 0;
  t.after(() => sockets.forEach((socket) => socket.destroy()));
  const open = async (count) => {
    while (sockets.length < count) {
      const more = Array.from({ length: Math.min(AT_ONCE, count - sockets.length) }, (_, nth) => hold(port, sockets.length + nth, () => (answered += 1)));
      sockets.push(...(await Promise.all(more)));
      while ((await ask("held")).held < sockets.length - answered) await sleep(50);
    }
    return ask("memory");
  };
  // What is made with the first requests is not theirs.
  const before = await open(100);
  for (const count of [1_000, 10_000]) {
    const now = await open(count);
    const bytes = Object.fromEntries(Object.keys(BOUNDS).map((name) => [name, (now[name] - before[name]) / (now.held - before.held)]));
    t.diagnostic(`${now.held} held: ${Math.round(bytes.heapUsed)} bytes of heap each, ${Math.round(bytes.rss)} of the process`);
    for (const [name, bound] of Object.entries(BOUNDS)) assert.ok(bytes[name] <= bound, `${name}: ${Math.round(bytes[name])} bytes a request`);
  }
});
