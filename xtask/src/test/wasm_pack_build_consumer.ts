// Compiled, never run: the types that a plain `wasm-pack build` writes are the hand-written ones.
import { ExtractaClient, type ExtractaError } from "./repository/pkg/extracta_wasm.js";

const client = new ExtractaClient({ token: "key" });
const batch = { extractionId: "extraction", batchId: "batch" };

export async function total(): Promise<number | undefined> {
  const results = await client.pollUntilDone<{ total: number }>(batch, { timeoutMs: 1_000 });
  const done: true = results.done;
  return done ? results.files[0]?.result?.total : undefined;
}

// @ts-expect-error: a batch is named by two ids.
client.pollUntilDone({ batchId: "batch" });

// @ts-expect-error: no such code.
export const isLate = (error: ExtractaError) => error.code === "LATE";
