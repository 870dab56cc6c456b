// A proxy in Node, Bun and Deno: each serves HTTP in its own way.
import { join } from "node:path";
import { freshApp } from "./app.mjs";
import { consumersOf } from "./consumer.mjs";
import { baseUrl, newToken } from "./poll.mjs";
import { start } from "./program.mjs";
import { deno, node, ofScope } from "./programs.mjs";
import { scratch } from "./settings.mjs";
import { pollThroughProxy } from "./through-proxy.mjs";

const consumer = consumersOf("Runtimes");

const serves = (program, ...args) => async (t) => {
  const [cwd, token] = [await freshApp(t, "proxies"), newToken()];
  const env = { DENO_DIR: join(scratch, "deno"), DENO_NO_UPDATE_CHECK: "1" };
  const server = start(t, await program(), [...args, baseUrl, token], { cwd, env });
  const [address] = await server.until(/http:\/\/127\.0\.0\.1:\d+/);
  // The prefix is the app's affair.
  await pollThroughProxy(`${address}/api/extracta`, token);
};

const modes = {
  "Node 20": serves(() => node(20), "node.mjs"),
  "Node 24": serves(() => node(24), "node.mjs"),
  Deno: serves(deno, "run", "--no-prompt", "--node-modules-dir=manual", "--allow-net=127.0.0.1", "deno.mjs"),
  Bun: serves(() => ofScope("@oven", join("bin", "bun"), "Bun"), "bun.mjs"),
};
consumer("Node, Deno and Bun, a proxy for many visitors", () => "as above", modes, "`node:http` by `toNodeHandler`, `Deno.serve`, `Bun.serve`");
