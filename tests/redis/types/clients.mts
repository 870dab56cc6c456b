// The clients that people use are clients to the compiler, too.
import { ExtractaClient } from "extracta-wasm";
import { redisPacing } from "extracta-wasm/redis";
import { Cluster, Redis } from "ioredis";
import { createClient, createClientPool, createCluster } from "redis";

for (const client of [createClient(), createClient({ RESP: 2 }), createClientPool()]) redisPacing(client);
redisPacing(createCluster({ rootNodes: [] }));
redisPacing(new Redis({ lazyConnect: true }));
redisPacing(new Cluster([]));
new ExtractaClient({ sharePacing: redisPacing(createClient()) });
