// The package as a Node program imports it, against a stand-in over HTTP.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ExtractaClient } from "extracta-wasm";
import { classification, extraction, fast, FAST_FLOOR_MS, gapsOf, rejection, requestsOf, severalFloors } from "./standin.mjs";

test("an extraction is polled until done in a few lines", async () => {
  const options = fast();
  const client = new ExtractaClient(options);
  const results = await client.pollUntilDone({ extractionId: "my-extraction", batchId: "waits-2" });
  assert.equal(results.done, true);
  assert.equal(results.extractionId, "my-extraction");
  assert.deepEqual(results.files.map((file) => file.status), ["processed", "processed", "processed"]);
  assert.equal(results.files[0].result.supplier.name, "Example Supplies Ltd");
  const requests = await requestsOf(options);
  assert.deepEqual(requests.map(({ endpoint, httpStatus }) => [endpoint, httpStatus]), Array(3).fill(["/getBatchResults", 200]));
});

test("a classification is polled at its own endpoint", async () => {
  const options = fast();
  const client = new ExtractaClient(options);
  const results = await client.pollUntilDone({ classificationId: "my-sorting", batchId: "waits-2" });
  assert.equal(results.done, true);
  assert.equal(results.classificationId, "my-sorting");
  assert.deepEqual(results.files.map((file) => file.result.documentType), ["invoice", "resume", "other"]);
  const requests = await requestsOf(options);
  assert.deepEqual(requests.map(({ endpoint }) => endpoint), Array(3).fill("/documentClassification/getResults"));
});

test("asking once does not wait", async () => {
  const options = fast();
  const client = new ExtractaClient(options);
  const [one, other] = await Promise.all([
    client.getBatchResults(extraction("forever")),
    client.getClassificationResults(classification("forever")),
  ]);
  assert.deepEqual([one.done, one.files, other.done, other.files], [false, [], false, []]);
  assert.equal((await requestsOf(options)).length, 2);
});

test("one file of a batch can be requested", async () => {
  const options = fast();
  const all = await new ExtractaClient(options).getBatchResults(extraction("done"));
  const { fileId } = all.files[1];
  const one = await new ExtractaClient(options).getBatchResults({ ...extraction("done"), fileId });
  assert.deepEqual(one.files.map((file) => file.fileId), [fileId]);
  assert.equal((await requestsOf(options))[1].fileId, fileId);
});

test("progress names each file once, as it becomes final, and ends with the results themselves", async () => {
  const client = new ExtractaClient(fast());
  const seen = [];
  const results = await client.pollUntilDone(extraction("one-by-one"), { onProgress: (progress) => seen.push(progress) });
  assert.deepEqual(seen.map(({ attempt }) => attempt), seen.map((_, index) => index), "from the place in line on");
  assert.ok(seen.length > 2, `only ${seen.length} times`);
  for (const { counts } of seen) assert.equal(counts.processed + counts.failed + counts.pending, counts.total);
  const named = seen.flatMap(({ newFiles }) => newFiles.map((file) => file.fileId));
  assert.deepEqual(named.toSorted(), results.files.map((file) => file.fileId).toSorted());
  assert.equal(new Set(named).size, 5);
  assert.ok(seen.slice(0, -1).every(({ results: { done }, nextPollInMs }) => !done && nextPollInMs >= 0));
  assert.equal(seen.at(-1).results, results);
  assert.equal("nextPollInMs" in seen.at(-1), false);
});

test("what onProgress throws rejects the poll with it, and the poll ends", async () => {
  const options = fast();
  const mine = new RangeError("mine");
  const poll = new ExtractaClient(options).pollUntilDone(extraction("forever"), {
    onProgress: ({ attempt }) => {
      if (attempt > 0) throw mine;
    },
  });
  assert.equal(await rejection(poll), mine);
  await severalFloors();
  assert.equal((await requestsOf(options)).length, 1);
});

test("a failed file is data, beside those that worked", async () => {
  const { done, files } = await new ExtractaClient(fast()).pollUntilDone(extraction("with-failure"));
  assert.equal(done, true);
  assert.deepEqual(files.map((file) => file.status), ["processed", "failed", "processed"]);
  assert.equal(typeof files[1].error, "string");
});

test("files as an object become a list, the key filling the missing id", async () => {
  const { done, files } = await new ExtractaClient(fast()).pollUntilDone(extraction("files-object"));
  assert.equal(done, true);
  assert.ok(Array.isArray(files));
  assert.deepEqual(files.map((file) => file.fileId), ["-standin-file-000001", "-standin-file-000002", "-standin-file-000003"]);
});

for (const batchId of ["empty-object-then-done", "empty-array-then-done", "missing-files-then-done", "html-502-then-done", "reset-then-done", "error-then-done"]) {
  test(`${batchId}: the poll goes on to the end`, async () => {
    const options = fast();
    const { done, files } = await new ExtractaClient(options).pollUntilDone(extraction(batchId));
    assert.equal(done, true);
    assert.ok(files.length > 0);
    assert.equal((await requestsOf(options)).length, 3);
  });
}

test("a watch yields progress, then its result is the same object the last progress held", async () => {
  const watch = new ExtractaClient(fast()).watch(classification("one-by-one"));
  assert.equal(watch.then, undefined);
  const seen = [];
  for await (const progress of watch) seen.push(progress);
  const results = await watch.result;
  assert.equal(results.done, true);
  assert.equal(seen.at(-1).results, results);
  assert.equal(new Set(seen.flatMap(({ newFiles }) => newFiles.map((file) => file.fileId))).size, 5);
});

test("leaving the loop of a watch early ends its poll", async () => {
  const options = fast();
  const watch = new ExtractaClient(options).watch(extraction("forever"));
  for await (const progress of watch) {
    assert.equal(progress.results.done, false);
    if (progress.attempt > 0) break;
  }
  assert.equal((await rejection(watch.result)).name, "AbortError");
  await severalFloors();
  assert.equal((await requestsOf(options)).length, 1);
});

test("cancelling a watch rejects its result and its loop with the reason", async () => {
  const options = fast();
  const watch = new ExtractaClient(options).watch(extraction("forever"));
  const reason = { why: "enough" };
  const loop = rejection((async () => {
    for await (const { attempt } of watch) if (attempt > 0) watch.cancel(reason);
  })());
  assert.equal(await loop, reason);
  assert.equal(await rejection(watch.result), reason);
  await severalFloors();
  assert.equal((await requestsOf(options)).length, 1);
});

test("a nudge brings the next poll forward, and never breaks the floor", { timeout: 60_000 }, async ({ signal }) => {
  const options = fast();
  // Without nudges this would take hours.
  const watch = new ExtractaClient(options).watch(extraction("waits-2"), { intervalMs: 3_600_000, signal });
  for await (const _ of watch) watch.nudge();
  assert.equal((await watch.result).done, true);
  const { "/getBatchResults": gaps } = await gapsOf(options);
  assert.equal(gaps.count, 3);
  assert.equal(gaps.violations, 0);
});

test("every poll of a client keeps the floor, whatever runs beside it", async () => {
  const options = fast();
  const client = new ExtractaClient(options);
  await Promise.all([
    ...["waits-1", "waits-2", "waits-3", "mixed"].map((batchId) => client.pollUntilDone(extraction(batchId))),
    client.getBatchResults(extraction("done")),
    ...["waits-1", "waits-2"].map((batchId) => client.pollUntilDone(classification(batchId))),
  ]);
  const gaps = await gapsOf(options);
  assert.deepEqual(Object.values(gaps).map(({ count, violations }) => [count, violations]), [[5, 0], [13, 0]]);
  for (const { smallestGapMs } of Object.values(gaps)) assert.ok(smallestGapMs >= FAST_FLOOR_MS, `${smallestGapMs} ms`);
});

test("a provider gives the token, and once a fresh one when the first is refused", async () => {
  const options = fast();
  const requested = [];
  const token = async ({ forceRefresh }) => {
    requested.push(forceRefresh);
    return forceRefresh ? options.token : `expired-${options.token}`;
  };
  const results = await new ExtractaClient({ ...options, token }).getBatchResults(extraction("done"));
  assert.equal(results.done, true);
  assert.deepEqual(requested, [false, true]);
  assert.deepEqual((await requestsOf({ ...options, token: `expired-${options.token}` })).map(({ httpStatus }) => httpStatus), [401]);
  assert.deepEqual((await requestsOf(options)).map(({ httpStatus }) => httpStatus), [200]);
});
