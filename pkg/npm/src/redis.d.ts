import type { SharedPacing } from "./index.js";

/**
 * The client's option `sharePacing` for one lane of all processes that reach one Redis, on any number of machines. Each
 * reservation is one script on the server and goes by the server's clock. A process that ends in its slot costs the others one
 * gap; so does a Redis that restarts, as it may have forgotten the last request.
 *
 * While Redis cannot be reached nothing is sent: each attempt counts as `NETWORK`, and a poll tries again.
 *
 * @param client A connected client of `redis` (4 or newer) or `ioredis`, of Bun, Deno or Upstash, or an object with
 * `eval(script, keys, arguments)`. Redis 5 or newer, Valkey, or what runs their scripts. It stays yours to close.
 * @throws {TypeError} `client` is no such client, or an option has a wrong value.
 */
export function redisPacing(client: RedisClient, options?: RedisPacingOptions): SharedPacing;

/** What runs a script, in the way that it does. */
export type RedisClient =
  | { eval(script: string, ...rest: never[]): PromiseLike<unknown> }
  | { send(command: string, args: string[]): PromiseLike<unknown> };

export interface RedisPacingOptions {
  /** What the keys begin with, one key for each lane. Default `extracta-wasm:`. */
  prefix?: string | undefined;
}
