import { env } from "cloudflare:workers";
import { ExtractaClient } from "extracta-wasm";
import { expect, test } from "vitest";

const client = new ExtractaClient({ baseUrl: env.EXTRACTA_URL, token: env.EXTRACTA_API_KEY });

test("a poll goes on to the end", async () => {
  const attempts = [];
  const batch = { extractionId: "invoices", batchId: "waits-2" };
  const { files } = await client.pollUntilDone(batch, { onProgress: ({ attempt }) => attempts.push(attempt) });
  expect(attempts).toEqual([0, 1, 2, 3]);
  expect(files.map(({ status }) => status)).toEqual(["processed", "processed", "processed"]);
});
