// The ids choose the endpoint, and with it the type of the results.
import { ExtractaClient, isProcessed } from "extracta-wasm";
import type {
  BatchResults, ClassificationBatch, ClassificationProgress, ClassificationResults, ClassifiedFile, DoneBatchResults, DoneClassificationResults, ExtractedFields, ExtractedFile, ExtractionBatch, JsonValue, Progress, Watch,
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
// With a type given, a batch may be of either kind: the results then are, too.
const either = await client.pollUntilDone<Invoice>(classification);
check<Same<typeof either, DoneBatchResults<Invoice> | DoneClassificationResults<Invoice>>>();
// @ts-expect-error
client.pollUntilDone({ batchId: "b" });
// @ts-expect-error
client.pollUntilDone({ extractionId: "e" });
// @ts-expect-error
client.pollUntilDone({ extractionId: 5, batchId: "b" });
// @ts-expect-error
client.pollUntilDone();

// A union of both kinds, as failed jobs of pollMany are.
declare const batchOfAKind: ExtractionBatch | ClassificationBatch;
const ofAKind = await client.pollUntilDone(batchOfAKind);
check<Same<typeof ofAKind, DoneBatchResults<ExtractedFields> | DoneClassificationResults<ExtractedFields>>>();
const typed = await client.pollUntilDone<Invoice>(batchOfAKind, { timeoutMs: 5, onProgress: ({ counts }) => counts.total });
check<Same<typeof typed, DoneBatchResults<Invoice> | DoneClassificationResults<Invoice>>>();
for await (const { newFiles } of client.watch(batchOfAKind)) void newFiles.length;
for await (const settled of client.pollMany<Invoice, ExtractionBatch | ClassificationBatch>([extraction, classification])) {
  if ("error" in settled) void client.pollUntilDone<Invoice>(settled.job);
  else for (const file of settled.results.files) void file.status;
}
// The job's own type is kept.
for await (const { job, index } of client.pollMany([{ ...extraction, row: 7 }])) check<Same<typeof job.row, number>>(), void index.toFixed();
const many = client.pollMany([{ snapshot: "text", priority: 2 }]);
check<Same<ReturnType<typeof many.snapshots>, string[]>>();

// Resumed by kind, or as either.
const resumed = client.resume<Invoice>("text", { batch: extraction });
check<Same<typeof resumed, Watch<DoneBatchResults<Invoice>, Progress<Invoice>>>>();
const resumedClassification = client.resume("text", { batch: classification });
check<Same<typeof resumedClassification, Watch<DoneClassificationResults, ClassificationProgress>>>();
const resumedEither = await client.resume<Invoice>("text").result;
check<Same<typeof resumedEither, DoneBatchResults<Invoice> | DoneClassificationResults<Invoice>>>();
check<Same<typeof watch.progress, Progress<Invoice>>>();

// Results are JSON until they are looked at.
const value = extracted.files[0]?.result?.["total"];
check<Same<typeof value, JsonValue | undefined>>();
// @ts-expect-error it may be a list
value?.toFixed();

// A finished file has its result.
for (const file of invoices.files.filter(isProcessed)) check<Same<typeof file.result.invoice_number, string>>();
for (const file of classified.files) if (isProcessed(file)) check<Same<typeof file.result.confidence, number>>();
