// A watch is iterated for progress and awaited for its result; it is not a promise itself.
import { ExtractaClient } from "extracta-wasm";
import type { ClassificationProgress, DoneBatchResults, Progress, Watch } from "extracta-wasm";
import { check, type Same } from "./expect.mjs";

interface Receipt {
  total: string;
}

const client = new ExtractaClient({ token: "key" });
const watch = client.watch<Receipt>({ extractionId: "e", batchId: "b" }, { timeoutMs: 60_000 });
for await (const progress of watch) {
  check<Same<typeof progress, Progress<Receipt>>>();
  watch.nudge();
  watch.cancel();
  watch.cancel(new Error("enough"));
}
const results = await watch.result;
check<Same<typeof results, DoneBatchResults<Receipt>>>();

for await (const progress of client.watch({ classificationId: "c", batchId: "b" })) {
  check<Same<typeof progress, ClassificationProgress>>();
}

check<Same<Awaited<typeof watch>, Watch<DoneBatchResults<Receipt>, Progress<Receipt>>>>();
// @ts-expect-error
watch.then;
// @ts-expect-error the result is not for setting
watch.result = Promise.resolve(results);
