// The Redis clients that people use, connected.
import { createRequire } from "node:module";

/** By name; each takes the folder where its package is installed, and the address of a server. */
export const CLIENTS = {
  redis: async (folder, url) => {
    const client = createRequire(folder)("redis").createClient({ url });
    // Without a listener Node takes a broken connection for the end of the program.
    client.on("error", () => {});
    await client.connect();
    return { client, close: () => client.destroy() };
  },
  ioredis: async (folder, url) => {
    const { Redis } = createRequire(folder)("ioredis");
    const client = new Redis(url);
    client.on("error", () => {});
    return { client, close: () => client.disconnect() };
  },
  ...(globalThis.Bun && {
    bun: async (_, url) => {
      const client = new globalThis.Bun.RedisClient(url);
      await client.connect();
      return { client, close: () => client.close() };
    },
  }),
};
