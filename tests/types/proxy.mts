// The proxy: what it takes and gives.
import { ExtractaClient } from "extracta-wasm";
import type { BatchResults, ClassificationProgress, Progress, QuestionOptions } from "extracta-wasm";
import { ExtractaProxy, accountLane } from "extracta-wasm/cloudflare";
import { createProxy, toNodeHandler, type ProxyContext, type ProxyOptions } from "extracta-wasm/proxy";
import { check, type Same } from "./expect.mjs";

const token = "key";
const proxy = createProxy({ token });
createProxy({ token: async ({ forceRefresh }) => (forceRefresh ? "new" : "old"), baseUrl: new URL("https://api.example/"), maxHoldMs: 8_000, maxHeld: 10 });
createProxy({ token, authorize: (request, batch) => request.headers.has("cookie") && batch.batchId });
createProxy({ token, authorize: async (_, batch) => ("extractionId" in batch ? batch.extractionId : new Response(null, { status: 402 })) });
// @ts-expect-error there is a key to add
createProxy({});
// @ts-expect-error
createProxy({ token, maxHeld: "many" });
// @ts-expect-error
createProxy({ token, authorize: () => 7 });
// @ts-expect-error a page's option
createProxy({ token, allowTokenInBrowser: true });
const options: ProxyOptions = { token, requestTimeoutMs: undefined, onEvent: ({ type }) => type };
void options;

// A route of Next, a Worker.
declare const request: Request;
declare const ctx: { waitUntil(promise: Promise<unknown>): void; passThroughOnException(): void };
check<Same<ReturnType<typeof proxy>, Promise<Response>>>();
await proxy(request);
await proxy(request, ctx);
const context: ProxyContext = { visitor: "10.0.0.1", signal: request.signal };
await proxy(request, context);
const handler: (incoming: object, outgoing: object) => Promise<void> = toNodeHandler(proxy);
void handler;

class Proxy extends ExtractaProxy<{ KEY: string }> {
  override options() {
    return { token: this.env.KEY, authorize: () => true };
  }
}
void Proxy;
declare const namespace: { idFromName(name: string): object; get(id: object): object };
new ExtractaClient({ sharePacing: accountLane(namespace) });

// On behalf of visitors.
const client = new ExtractaClient({ token });
const results = await client.getBatchResults({ extractionId: "e", batchId: "b" }, { visitor: "v", priority: 1, fetch: (url, init) => fetch(url, init), onProgress: ({ queuePosition }) => queuePosition });
check<Same<typeof results, BatchResults>>();
await client.getClassificationResults({ classificationId: "c", batchId: "b" }, { onProgress: (progress) => check<Same<typeof progress, ClassificationProgress>>() });
// @ts-expect-error
await client.getBatchResults({ extractionId: "e", batchId: "b" }, { visitor: 7 });
const asked: QuestionOptions = { onProgress: (progress: Progress) => progress.attempt };
void asked;
