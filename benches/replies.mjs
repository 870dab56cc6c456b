// Finished batches as the API answers with them: about a kilobyte for each file.

/** How many files the replies have that calls are measured with: 1 KB, 100 KB, 10 MB. */
export const SIZES = [1, 100, 10_000];

const LINES = Array.from({ length: 12 }, (_, line) => ({
  description: `Item ${line + 1}`,
  quantity: String(line + 1),
  total: `${(line + 1) * 17}.50`,
}));

function file(number) {
  const name = `invoice-${String(number).padStart(6, "0")}.pdf`;
  return {
    fileId: `-bench-file-${number}`,
    fileName: name,
    result: { invoiceNumber: `2026-${number}`, supplier: "Example GmbH", currency: "EUR", lines: LINES },
    status: "processed",
    url: `https://storage.example/${name}?Expires=16725225600&Signature=none`,
  };
}

/** The text of a reply. */
export function replyOf(files) {
  return JSON.stringify({
    extractionId: "-BenchExtraction",
    batchId: `files-${files}`,
    files: Array.from({ length: files }, (_, number) => file(number)),
  });
}
