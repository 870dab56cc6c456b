// Lanes over Redis: what counts as a client. Those of `redis` and `ioredis` themselves are tried in tests/redis.
import { ExtractaClient } from "extracta-wasm";
import { redisPacing } from "extracta-wasm/redis";
import type { RedisClient, RedisPacingOptions } from "extracta-wasm/redis";

declare const own: { eval: (script: string, keys: string[], args: string[]) => Promise<unknown> };
declare const bun: { send(command: string, args: string[]): Promise<unknown>; close(): void };
declare const anyone: RedisClient;
const options: RedisPacingOptions = { prefix: "mine:" };
new ExtractaClient({ token: "t", sharePacing: redisPacing(own) });
redisPacing(bun, options);
redisPacing(anyone, { prefix: undefined });

// @ts-expect-error a client, not its address
redisPacing("redis://127.0.0.1");
// @ts-expect-error
redisPacing({ get: async () => "" });
// @ts-expect-error
redisPacing(own, { prefix: 7 });
