import { ExtractaClient } from "/pkg/index.js";
import { originPacing } from "/pkg/origin.js";

/** Polls batches on the lane of the origin: which were done, and why lanes are not shared beyond the page, if they are not. */
export async function poll(options, batchIds) {
  const alone = [];
  const sharePacing = originPacing({ onFallback: (reason) => alone.push(reason) });
  const client = new ExtractaClient({ baseUrl: "/api/v1", sharePacing, ...options });
  const polls = batchIds.map((batchId) => client.pollUntilDone({ extractionId: "any-extraction", batchId }));
  const done = (await Promise.all(polls)).map(({ done }) => done);
  return { done, alone };
}
