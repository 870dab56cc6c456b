// A program whose types know the language alone: no dom, no @types/node, no Workers types.
import { ExtractaClient, isExtractaError } from "extracta-wasm";
import { init } from "extracta-wasm/slim";

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
  fetch: async (url, init) => ({ url, init }),
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
