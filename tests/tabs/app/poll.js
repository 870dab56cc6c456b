import { ExtractaClient } from "/pkg/index.js";

/** Polls batches on the lane of the origin: which were done, and the events that lanes are not shared beyond the page. */
export async function poll(options, batchIds) {
  const alone = [];
  const client = new ExtractaClient({
    baseUrl: "/api/v1",
    sharePacing: "origin",
    onEvent: (event) => event.type === "pacing" && alone.push(event),
    ...options,
  });
  const polls = batchIds.map((batchId) => client.pollUntilDone({ extractionId: "any-extraction", batchId }));
  const done = (await Promise.all(polls)).map(({ done }) => done);
  return { done, alone };
}
