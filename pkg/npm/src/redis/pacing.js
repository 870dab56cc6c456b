// Lanes shared by servers on several machines, over the Redis they have.
import { own } from "../own.js";
import { SCRIPT } from "./script.js";

// How long a request may take, by the client's default. No record keeps anybody away for longer than this and a gap.
const REQUEST_LASTS_MS = 30_000;

// A lane is remembered for so long after its last use: one that was forgotten is closed for a gap when it is used again.
const REMEMBERED_MS = 86_400_000;

export function redisPacing(client, options) {
  const { prefix = "extracta-wasm:" } = own(options, ["prefix"]);
  if (typeof prefix !== "string") throw new TypeError("prefix must be a string.");
  const evaluate = evaluator(client);
  const decided = async (lane, member, ms, ...margin) =>
    Number(await evaluate(prefix + lane, [member, ms, REQUEST_LASTS_MS, REMEMBERED_MS, ...margin].map(String)));

  // A longer pause is written anew for as long as this process lives.
  const pauses = new Map();
  const renew = async (lane) => {
    const leftMs = pauses.get(lane) - performance.now();
    if (leftMs <= 0) return void pauses.delete(lane);
    const timer = setTimeout(renew, REQUEST_LASTS_MS / 2, lane);
    // It keeps no process alive that has nothing else to do.
    timer.unref?.();
    await decided(lane, "", Math.min(leftMs, REQUEST_LASTS_MS), 0).catch(() => {});
  };

  return {
    reserve: ({ lane, member, gapMs }) => decided(lane, member, gapMs),
    hold: async ({ lane, member, closedForMs, marginMs = 0 }) => {
      if (!(closedForMs > REQUEST_LASTS_MS)) return void (await decided(lane, member, closedForMs, marginMs));
      const until = performance.now() + closedForMs;
      const known = pauses.get(lane);
      pauses.set(lane, Math.max(until, known ?? until));
      if (known === undefined) await renew(lane);
    },
  };
}

// How the client takes a script. They have no way in common.
function evaluator(client) {
  if (typeof client?.eval === "function") {
    // ioredis
    if (typeof client.defineCommand === "function") return (key, args) => client.eval(SCRIPT, 1, key, ...args);
    // redis
    if (typeof client.evalSha === "function") return (key, args) => client.eval(SCRIPT, { keys: [key], arguments: args });
  }
  // Bun's
  if (typeof client?.send === "function") return (key, args) => client.send("EVAL", [SCRIPT, "1", key, ...args]);
  // Deno's and Upstash's, and whatever is made for this.
  if (typeof client?.eval === "function") return (key, args) => client.eval(SCRIPT, [key], args);
  throw new TypeError("redisPacing takes a Redis client: that of redis or ioredis, or an object whose eval takes a script, its keys and its arguments.");
}
