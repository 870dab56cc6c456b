// server.mjs while something is measured against it.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export async function withServer(use) {
  const server = fork(fileURLToPath(new URL("server.mjs", import.meta.url)));
  const [port] = await once(server, "message");
  try {
    return await use(`http://127.0.0.1:${port}`);
  } finally {
    server.disconnect();
  }
}
