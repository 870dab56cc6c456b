/**
 * Where the batches of a lane stand in line, read from its last decisions: a Map of batch id to
 * `{ behind, sends }`. As each request that is sent afterwards brings a batch one nearer, `sends` counts those before.
 */
export function placesIn(report) {
  const places = new Map();
  let sends = report.requests;
  for (const { batchId, decision, reason, behind } of report.decisions.toReversed()) {
    if (decision === "sent") sends -= 1;
    if (places.has(batchId)) continue;
    // Of one that was sent last, its own progress knows more; one that is not due or is paused for stays where it was.
    const known = { behindOthers: behind, floor: 0, inFlight: 0 }[reason];
    places.set(batchId, known === undefined ? undefined : { behind: known, sends });
  }
  return new Map([...places].filter(([, place]) => place));
}
