// `done` distinguishes finished results from waiting ones; a poll gives finished ones only.
import { ExtractaClient } from "extracta-wasm";
import type { BatchResults, DoneBatchResults, DoneClassificationResults, WaitingBatchResults, WaitingClassificationResults } from "extracta-wasm";
import { check, type Same } from "./expect.mjs";

interface Receipt {
  total: string;
}

const client = new ExtractaClient({});
const results: BatchResults<Receipt> = await client.getBatchResults<Receipt>({ extractionId: "e", batchId: "b" });
if (results.done) {
  check<Same<typeof results, DoneBatchResults<Receipt>>>();
} else {
  check<Same<typeof results, WaitingBatchResults<Receipt>>>();
  const status: string | undefined = results.status;
  void status;
}
// `files` is there either way.
const names: (string | undefined)[] = results.files.map((file) => file.fileName);
void names;

const sorted = await client.getClassificationResults({ classificationId: "c", batchId: "b" });
if (sorted.done) check<Same<typeof sorted, DoneClassificationResults>>();
else check<Same<typeof sorted, WaitingClassificationResults>>();
for (const { extraction } of sorted.files) {
  // What links to an extraction can be polled as it is.
  if (extraction) void client.pollUntilDone<Receipt>(extraction);
}

const finished = await client.pollUntilDone<Receipt>({ extractionId: "e", batchId: "b" });
check<Same<(typeof finished)["done"], true>>();

function needsFinished(_results: DoneBatchResults<Receipt>): void {}
needsFinished(finished);
// @ts-expect-error it may still be waiting
needsFinished(await client.getBatchResults<Receipt>({ extractionId: "e", batchId: "b" }));
