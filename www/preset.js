/** Twenty scripted batches of both kinds, quick and slow, with an error in each: what a morning's work may look like. */
export const TWENTY_BATCHES = {
  extraction: [
    "demo-invoices, 5", "demo-resumes, 4", "one-by-one, 5", "waits-2", "with-failure, 3",
    "mixed, 4", "files-40, 40", "http-404", "http-503-then-done", "done",
  ],
  classification: [
    "demo-inbox, 5", "linked", "waits-3", "one-by-one, 5", "mixed, 4",
    "files-30, 30", "error-style-error", "waits-1", "with-failure, 3", "done",
  ],
};
