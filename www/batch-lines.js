const LINE = /^([^\s,;]+)(?:[\s,;]+(.*))?$/;

/**
 * Batches as a person lists them: one id per line, after it, if known, how many files the batch has. A comma, a
 * semicolon or a space may stand between the two, as spreadsheets and logs have it. Answers with
 * `{ batches, fault, repeated }`: `fault` says what is wrong with the first bad line, `repeated` how many lines named a
 * batch again.
 */
export function parseBatchLines(text) {
  const batches = new Map();
  let repeated = 0;
  let fault = "";
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    if (line.trim() === "") continue;
    const [, batchId, files] = line.trim().match(LINE) ?? [];
    if (batchId === undefined) fault ||= `Line ${index + 1} has no batch id.`;
    else if (files && !isCount(files)) fault ||= `Line ${index + 1}: after the id comes a number of files, or nothing.`;
    else if (batches.has(batchId)) repeated += 1;
    else batches.set(batchId, files ? { batchId, expectedFiles: Number(files) } : { batchId });
  }
  return { batches: [...batches.values()], fault, repeated };
}

function isCount(text) {
  return /^\d{1,9}$/.test(text) && Number(text) > 0;
}

/** What a list comes to, as a sentence. */
export function describeBatchLines({ batches, fault, repeated }) {
  if (fault) return fault;
  if (batches.length === 0) return "None.";
  const hinted = batches.filter(({ expectedFiles }) => expectedFiles).length;
  const hints = hinted > 0 ? `, ${hinted} with a number of files` : "";
  const again = repeated > 0 ? ` ${repeated} named again: polled once.` : "";
  return `${batches.length} ${batches.length === 1 ? "batch" : "batches"}${hints}.${again}`;
}
