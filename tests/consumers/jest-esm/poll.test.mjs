import { ExtractaClient } from "extracta-wasm";

const { EXTRACTA_URL: baseUrl, EXTRACTA_API_KEY: token } = process.env;

test("a poll goes on to the end", async () => {
  const client = new ExtractaClient({ baseUrl, token });
  const attempts = [];
  const batch = { extractionId: "invoices", batchId: "waits-2" };
  const { files } = await client.pollUntilDone(batch, { onProgress: ({ attempt }) => attempts.push(attempt) });
  expect(attempts).toEqual([0, 1, 2, 3]);
  expect(files.map(({ status }) => status)).toEqual(["processed", "processed", "processed"]);
});
