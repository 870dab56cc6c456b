// Equal requests: who waits for the same batch at the same time shares one request.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ExtractaClient } from "extracta-wasm";
import { classification, extraction, fast, finished, newToken, NOWHERE, requestsOf } from "./standin.mjs";

/** A client of its own lane, and what it sends. */
function counting(answer, more) {
  const requests = [];
  const fetch = async (_url, { body }) => {
    requests.push(JSON.parse(body));
    return Response.json(answer(requests.length, requests.at(-1)));
  };
  const options = { baseUrl: NOWHERE, token: newToken(), minIntervalMs: 30, fetch, ...more };
  return { requests, client: () => new ExtractaClient(options) };
}

const doneAt = (last) => (count, ids) => (count < last ? { ...ids, status: "waiting" } : finished(ids));

test("three polls of one batch make the requests of one, and one more at the most", async () => {
  const options = fast();
  const polls = [1, 2, 3].map(() => new ExtractaClient(options).pollUntilDone(extraction("waits-3")));
  for (const { done } of await Promise.all(polls)) assert.equal(done, true);
  const made = (await requestsOf(options)).length;
  assert.ok(made >= 4 && made <= 5, `${made} requests`);
});

test("each of them receives its progress", async () => {
  const { client } = counting(doneAt(4));
  const reported = [[], [], []];
  const polls = reported.map((seen) => client().pollUntilDone(extraction("b"), { onProgress: ({ counts, results }) => seen.push([counts.processed, results.done]) }));
  await Promise.all(polls);
  for (const seen of reported) assert.deepEqual(seen.at(-1), [1, true]);
});

test("single requests share an answer with polls", async () => {
  const { requests, client } = counting(doneAt(1));
  const one = client();
  const first = one.getBatchResults(extraction("other"));
  const [a, b] = await Promise.all([one.getBatchResults(extraction("b")), one.pollUntilDone(extraction("b")), first]);
  assert.deepEqual([a.done, b.done], [true, true]);
  assert.deepEqual(requests.map(({ batchId }) => batchId).toSorted(), ["b", "other"]);
});

test("other batches, other files, other kinds and other policies are other requests", async () => {
  const { requests, client } = counting(doneAt(1));
  const one = client();
  await Promise.all([
    one.getBatchResults(extraction("b")),
    one.getBatchResults(extraction("c")),
    one.getBatchResults({ ...extraction("b"), fileId: "f" }),
    one.getClassificationResults(classification("b")),
    one.pollUntilDone(extraction("b"), { onUnknownStatus: "done" }),
  ]);
  assert.equal(requests.length, 5);
});

test("an answer to a request that started before this one is not taken for it", async () => {
  let requested;
  const requests = [];
  const slow = new ExtractaClient({
    baseUrl: NOWHERE,
    token: newToken(),
    minIntervalMs: 30,
    fetch: async (_url, { body }) => {
      requests.push(JSON.parse(body));
      requested ??= slow.getBatchResults(extraction("b")); // While this one is under way.
      await new Promise((resolve) => setTimeout(resolve, 20));
      return Response.json(finished(requests.at(-1)));
    },
  });
  await slow.getBatchResults(extraction("b"));
  await requested;
  assert.equal(requests.length, 2);
});

test("after one fails the others send it again, and one that leaves ends no other", async () => {
  const { requests, client } = counting((count, ids) => (count === 1 ? { error: "no" } : finished(ids)));
  const one = client();
  const [first, second] = await Promise.allSettled([one.getBatchResults(extraction("b")), one.getBatchResults(extraction("b"))]);
  assert.deepEqual([first.status, second.status, requests.length], ["rejected", "fulfilled", 2]);

  const controller = new AbortController();
  const left = one.pollUntilDone(extraction("c"), { signal: controller.signal });
  const stays = one.pollUntilDone(extraction("c"));
  controller.abort();
  await assert.rejects(left);
  assert.equal((await stays).done, true);
});
