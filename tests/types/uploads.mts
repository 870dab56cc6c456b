// Uploads: what they take, and what comes of them, as a compiler sees it.
import { ExtractaClient, type DoneBatchResults, type DoneClassificationResults, type UploadedClassification, type UploadedExtraction } from "extracta-wasm";
import { check, type Same } from "./expect.mjs";

declare const client: ExtractaClient;
declare const list: FileList;

interface Invoice {
  total: string;
}

const invoices = { extractionId: "e" };
const inbox = { classificationId: "c", batchId: "b" };
const file = new File(["text"], "a.txt");

const uploaded = await client.uploadFiles(invoices, list, { signal: AbortSignal.timeout(5), uploadTimeoutMs: Infinity });
check<Same<typeof uploaded, UploadedExtraction>>();
const sorted = await client.uploadFiles(inbox, file);
check<Same<typeof sorted, UploadedClassification>>();
const more = await client.uploadFiles(uploaded, [file, { name: "b.txt", data: "text" }, { name: "c.pdf", data: new Uint8Array(5) }]);
await client.uploadFiles(invoices, { name: "d.pdf", data: file.stream() });
await client.pollUntilDone(more);

const extracted = await client.extract<Invoice>(invoices, new Set([file]), {
  timeoutMs: 5_000,
  onProgress(progress) {
    if (progress.phase === "upload") check<Same<typeof progress.totalBytes, number | undefined>>();
    else check<Same<(typeof progress.newFiles)[0]["result"], Invoice | undefined>>();
  },
});
check<Same<typeof extracted, DoneBatchResults<Invoice>>>();
const classified = await client.classify(inbox, file);
check<Same<typeof classified, DoneClassificationResults>>();
const followed = await client.classify<Invoice>(inbox, file, { followExtractions: true });
check<Same<typeof followed, DoneClassificationResults<Invoice>>>();

// @ts-expect-error a name alone is no document
client.uploadFiles(invoices, "a.pdf");
// @ts-expect-error no data
client.uploadFiles(invoices, { name: "a.pdf" });
// @ts-expect-error a classification is classified
client.extract(inbox, file);
// @ts-expect-error an upload alone has no poll to limit
client.uploadFiles(invoices, file, { timeoutMs: 5 });

new ExtractaClient({
  onEvent(event) {
    if (event.type === "warning") check<Same<typeof event.fileIndex, number>>();
    if (event.type === "wait") check<Same<typeof event.batchId, string>>();
  },
});
