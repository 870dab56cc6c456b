// The ids choose the endpoint, and with it the type of the results.
import { ExtractaClient } from "extracta-wasm";
import type {
  BatchResults, ClassificationProgress, ClassificationResults, ClassifiedFile, DoneBatchResults, DoneClassificationResults, ExtractedFields, ExtractedFile, Progress, Watch,
} from "extracta-wasm";
import { check, type Same } from "./expect.mjs";

const client = new ExtractaClient({ token: "key" });
const extraction = { extractionId: "e", batchId: "b" };
const classification = { classificationId: "c", batchId: "b" };
interface Invoice {
  invoice_number: string;
  items?: { description: string }[];
}

const extracted = await client.pollUntilDone(extraction);
check<Same<typeof extracted, DoneBatchResults<ExtractedFields>>>();
check<Same<(typeof extracted)["files"], ExtractedFile<ExtractedFields>[]>>();

const classified = await client.pollUntilDone(classification);
check<Same<typeof classified, DoneClassificationResults>>();
check<Same<(typeof classified)["files"], ClassifiedFile[]>>();

const invoices = await client.pollUntilDone<Invoice>(extraction);
check<Same<typeof invoices, DoneBatchResults<Invoice>>>();
check<Same<NonNullable<(typeof invoices.files)[number]["result"]>, Invoice>>();
for (const { status, result } of invoices.files) {
  check<Same<typeof result, Invoice | undefined>>();
  const text: string | undefined = result?.items?.[0]?.description;
  const known: boolean = status === "processed" || status === "a status of tomorrow";
  void [text, known];
  // @ts-expect-error `result` is absent while a file is in work
  result.invoice_number;
  // @ts-expect-error the template has no such field
  result?.invoice_nummer;
}

const type = classified.files[0]?.result;
check<Same<typeof type, { documentType: string; confidence: number } | undefined>>();

const once = await client.getBatchResults<Invoice>(extraction);
check<Same<typeof once, BatchResults<Invoice>>>();
const onceClassified = await client.getClassificationResults(classification);
check<Same<typeof onceClassified, ClassificationResults>>();

const watch = client.watch<Invoice>(extraction);
check<Same<typeof watch, Watch<DoneBatchResults<Invoice>, Progress<Invoice>>>>();
const classificationWatch = client.watch(classification);
check<Same<typeof classificationWatch, Watch<DoneClassificationResults, ClassificationProgress>>>();

// The other kind's ids.
// @ts-expect-error
client.getBatchResults(classification);
// @ts-expect-error
client.getClassificationResults(extraction);
// @ts-expect-error a classification has no fields of a template
client.pollUntilDone<Invoice>(classification);
// @ts-expect-error
client.pollUntilDone({ batchId: "b" });
// @ts-expect-error
client.pollUntilDone({ extractionId: "e" });
// @ts-expect-error
client.pollUntilDone({ extractionId: 5, batchId: "b" });
// @ts-expect-error
client.pollUntilDone();
