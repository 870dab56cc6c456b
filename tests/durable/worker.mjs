// The Worker under test: bundled once, started and killed as often as a test wants.
import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "../../xtask/expect.mjs";
import { dryRun } from "../../xtask/wrangler.mjs";
import { freshApp } from "../consumers/runner/app.mjs";
import { run, start } from "../consumers/runner/program.mjs";
import { node } from "../consumers/runner/programs.mjs";
import { scratch } from "../consumers/runner/settings.mjs";

const SERVE = fileURLToPath(new URL("serve.mjs", import.meta.url));

let bundled;

async function bundle(t) {
  const app = await freshApp(t, "../durable/app");
  const { args, env } = dryRun(scratch, "out", ["worker.js", "--name=app", "--compatibility-date=2026-11-01"]);
  await run(t, node(24), args, { cwd: app, env });
  return join(app, "out");
}

/** Starts the Worker with an empty storage; `bindings` are what it finds in `env`. */
export async function startWorker(t, bindings) {
  bundled ??= bundle(t);
  const storage = await mkdtemp(join(scratch, "apps", "storage-"));
  const worker = new Worker(t, await bundled, storage, JSON.stringify(bindings));
  await worker.start();
  return worker;
}

class Worker {
  #test;
  #bundle;
  #bindings;
  #process;
  #address;
  #looks = 0;

  constructor(t, bundle, storage, bindings) {
    this.#test = t;
    this.#bundle = bundle;
    this.storage = storage;
    this.#bindings = bindings;
  }

  /** Starts it again with other bindings, as a deploy does. */
  async deploy(bindings) {
    await this.kill();
    this.#bindings = JSON.stringify(bindings);
    await this.start();
  }

  async start() {
    // The leader of a group of its own, to which workerd belongs, so that both can be killed at once. Its standard input ends with
    // this process, however that ends.
    const args = [SERVE, scratch, this.#bundle, this.storage, this.#bindings];
    this.#process = start(this.#test, node(24), args, { detached: true, stdio: "pipe" });
    const { pid } = this.#process.child;
    this.#test.after(() => killGroup(pid));
    [, this.#address] = await this.#process.until(/listening on (\S+)/);
  }

  /** Ends everything in the middle of whatever it does. */
  async kill() {
    killGroup(this.#process.child.pid);
    await this.#process.finished().catch(() => {});
  }

  /** Nothing of it runs, as on a machine that has other things to do, until the function is called that this returns. */
  standStill() {
    const { pid } = this.#process.child;
    process.kill(-pid, "SIGSTOP");
    return () => process.kill(-pid, "SIGCONT");
  }

  /** What the first of the Workers holds in memory once everything unreachable is gone, in bytes. */
  async memory() {
    const look = `heap ${(this.#looks += 1)}`;
    this.#process.child.stdin.write(`${look}\n`);
    const [, heap] = await this.#process.until(new RegExp(`${look} (\\d+)`));
    return { heap: Number(heap), wasm: await this.ask("wasmBytes") };
  }

  /** Has one of the Workers do something, the first unless another is named. */
  async ask(action, what = {}, name) {
    const headers = { "content-type": "application/json", ...(name && { "MF-Original-URL": `http://${name}.example/` }) };
    const answer = await fetch(this.#address, { method: "POST", headers, body: JSON.stringify({ action, ...what }) });
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    const { value, error } = JSON.parse(text);
    if (error) throw Object.assign(new Error(error.message), { name: error.name });
    return value;
  }

  /** Sends a page's request to one of the Workers, the first unless another is named. */
  request(path, batch, { name = "host", headers, signal } = {}) {
    const own = { "content-type": "application/json", "sec-fetch-site": "same-origin", "MF-Original-URL": `http://${name}.example/${path}` };
    return fetch(`${this.#address}/${path}`, { method: "POST", headers: { ...own, ...headers }, body: JSON.stringify(batch), signal });
  }

  /** Calls a method of an object of polls. */
  call(method, ...args) {
    return this.ask("call", { method, args });
  }

  /** The status of a poll once it is as wanted. */
  async until(id, isWanted) {
    let status;
    const isSo = async () => isWanted((status = await this.call("status", id)));
    await expect.poll(isSo, { message: `the status of ${id}`, intervals: [20] }).toBeTruthy();
    return status;
  }

  settled(id) {
    return this.until(id, ({ settledAt }) => settledAt !== undefined);
  }

  events(ids) {
    return fetch(`${this.#address}/events?${new URLSearchParams(ids.map((id) => ["id", id]))}`);
  }
}

function killGroup(pid) {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // It has ended already.
    if (error.code !== "ESRCH") throw error;
  }
}
