// A program whose types know the language alone: no dom, no @types/node, no Workers types.
import { ExtractaClient, isExtractaError } from "extracta-wasm";
import { init } from "extracta-wasm/slim";
import { WebhookReceiver } from "extracta-wasm/webhooks";

const listeners = new Set<() => void>();
const signal = {
  aborted: false,
  reason: undefined,
  addEventListener: (_: "abort", listener: () => void) => void listeners.add(listener),
  removeEventListener: (_: "abort", listener: () => void) => void listeners.delete(listener),
};

await init(new Uint8Array());
const client = new ExtractaClient({
  baseUrl: { href: "https://proxy.example/api" },
  fetch: async (url, init) => ({ status: 200, headers: { get: () => null }, json: async () => ({ url, init }) }),
});
try {
  const results = await client.pollUntilDone<{ total: string }>({ extractionId: "e", batchId: "b" }, { signal });
  const total: string | undefined = results.files[0]?.result?.total;
  void total;
} catch (error) {
  if (!isExtractaError(error, "POLL_TIMEOUT")) throw error;
}
// @ts-expect-error a signal must be one
client.pollUntilDone({ extractionId: "e", batchId: "b" }, { signal: {} });

const hooks = new WebhookReceiver({ secret: "s" });
const answer = await hooks.handle({ headers: { "x-webhook-signature": "s" }, body: "{}" });
const told: [number, string] = [answer.status, await answer.text()];
void told;
await hooks.handle({ headers: { get: (name) => name }, body: null });
// @ts-expect-error there is no such thing here
answer.json();
