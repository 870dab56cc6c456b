// A server on this machine for what the stand-in does not do: large replies from memory, and batches that are done at a
// moment. Run as a process of its own; prints its port and ends with its parent.
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { replyOf } from "./replies.mjs";

const replies = new Map();

/** `files-N` has N files; `done-at-T` is done from that moment on, in milliseconds since 1970. */
function answer(batchId) {
  const [, kind, number] = /^(files|done-at)-([\d.]+)$/.exec(batchId);
  if (kind === "done-at" && wallNow() < Number(number)) return Buffer.from('{"status":"waiting"}');
  const files = kind === "files" ? Number(number) : 1;
  if (!replies.has(files)) replies.set(files, Buffer.from(replyOf(files)));
  return replies.get(files);
}

const wallNow = () => performance.timeOrigin + performance.now();

const server = createServer(async (request, response) => {
  const body = answer(JSON.parse(await text(request)).batchId);
  response.writeHead(200, { "content-type": "application/json", "content-length": body.length }).end(body);
});
// Nobody is to meet with a connection that was just closed.
server.keepAliveTimeout = 600_000;
server.listen(0, "127.0.0.1", () => process.send(server.address().port));
process.on("disconnect", () => process.exit());
