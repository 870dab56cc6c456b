// A Redis server that a test may kill, freeze and start again, and a wire that may be slow.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "../../xtask/expect.mjs";
import { freePort } from "../consumers/runner/free-port.mjs";
import { setting } from "../consumers/runner/settings.mjs";
import { CLIENTS } from "./app/connect.mjs";

const PROGRAM = setting("REDIS_SERVER", "the path of a redis-server");

/** Where the Redis clients are installed. */
export const FOLDER = fileURLToPath(new URL("package.json", import.meta.url));

export const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts a server without persistence, unless `save` says when it writes what it holds. */
export async function startRedis(t, { save = "" } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "redis-"));
  const redis = new Redis(await freePort(), folder, save);
  t.after(async () => {
    await redis.kill();
    await rm(folder, { recursive: true, force: true });
  });
  await redis.start();
  return redis;
}

class Redis {
  #arguments;
  #process;

  constructor(port, folder, save) {
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
    this.#arguments = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", save, "--appendonly", "no"];
  }

  async start() {
    this.#process = spawn(PROGRAM, this.#arguments, { stdio: "ignore" });
    await expect.poll(() => answers(this.port), { message: "redis-server listens", intervals: [20] }).toBe(true);
  }

  /** Ends it without a farewell. */
  async kill() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await exited;
  }

  freeze() {
    this.#process.kill("SIGSTOP");
  }

  thaw() {
    this.#process.kill("SIGCONT");
  }

  /** A client of that kind, until the test ends. */
  async client(t, kind = "redis", url = this.url) {
    const { client, close } = await CLIENTS[kind](FOLDER, url);
    t.after(close);
    return client;
  }
}

async function answers(port) {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    socket.write("PING\r\n");
    const [data] = await once(socket, "data");
    return String(data) === "+PONG\r\n";
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** A way to a server on which everything arrives `delayMs` later. */
export async function slowWay(t, port, delayMs) {
  const sockets = new Set();
  const pass = (from, to) => {
    sockets.add(from);
    from.on("data", (data) => setTimeout(() => to.write(data), delayMs));
    from.on("error", () => {}).on("close", () => to.destroy());
  };
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    pass(near, far);
    pass(far, near);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    sockets.forEach((socket) => socket.destroy());
  });
  return `redis://127.0.0.1:${server.address().port}`;
}
