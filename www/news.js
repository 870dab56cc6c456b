const NAMED = 3;

/** Ends of batches since the last word, for a screen reader: many at once must not make it talk without pause. */
export function newsText(ended, summary) {
  const names = ended.slice(0, NAMED).map(({ job, state }) => `${job.batchId}: ${state}.`);
  if (ended.length > NAMED) names.push(`${ended.length - NAMED} more ended.`);
  return [...names, `${summary}.`].join(" ");
}
