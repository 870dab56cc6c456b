// Classified files whose links are followed: one poll for each linked batch, each file's result joined to it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ExtractaClient, isExtractaError } from "extracta-wasm";
import { answering, classification, NOWHERE, oneTurn, rejection } from "./standin.mjs";

/** A server of scripted batches: the nth request for a batch gets its nth reply, the last one again and again. */
function server(batches) {
  const requested = [];
  const fetch = answering((ids) => {
    const replies = batches[ids.batchId];
    const before = requested.filter((id) => id === ids.batchId).length;
    requested.push(ids.batchId);
    const reply = replies[Math.min(before, replies.length - 1)];
    return typeof reply === "function" ? reply() : structuredClone(reply);
  });
  return { requested, client: new ExtractaClient({ baseUrl: NOWHERE, minIntervalMs: 0, fetch }) };
}

const link = (batchId, fileId) => ({ extractionId: "template", batchId, fileId });
const classified = (fileId, extraction, status = "processed") => ({
  fileId, fileName: `${fileId}.pdf`, status, result: { documentType: "invoice", confidence: 0.9 }, extraction,
});
const extracted = (fileId, total) => ({ fileId, fileName: `${fileId}.pdf`, status: "processed", result: { total } });
const waiting = { status: "waiting", files: [] };

test("each file gets its own result, batches shared by files are polled once", async () => {
  const { requested, client } = server({
    sorted: [waiting, { files: [classified("a", link("x", "a")), classified("b", link("x", "b")), classified("c")] }],
    x: [waiting, { files: [extracted("b", "2"), extracted("a", "1")] }],
  });
  const results = await client.pollUntilDone(classification("sorted"), { followExtractions: true });
  assert.equal(results.done, true);
  assert.deepEqual(results.files.map(({ extracted }) => extracted?.result?.total), ["1", "2", undefined]);
  assert.deepEqual(requested, ["sorted", "sorted", "x", "x"]);
});

test("without the option nothing is followed; for an extraction it means nothing", async () => {
  const { requested, client } = server({ sorted: [{ files: [classified("a", link("x", "a"))] }], x: [{ files: [extracted("a")] }] });
  const results = await client.pollUntilDone(classification("sorted"));
  assert.equal("extracted" in results.files[0], false);
  await client.pollUntilDone({ extractionId: "template", batchId: "x" }, { followExtractions: true });
  assert.deepEqual(requested, ["sorted", "x"]);
});

test("files are joined by id, else by name, else as the only one", async () => {
  const named = { fileName: "b.pdf", status: "processed", result: { total: "by name" } };
  const only = { status: "processed", result: { total: "only" } };
  const { client } = server({
    sorted: [{ files: [classified("a", link("x", "a")), classified("b", link("x")), classified("c", link("y", "c")), classified("d", link("z", "d"))] }],
    x: [{ files: [named, extracted("a", "by id")] }],
    y: [{ files: [only] }],
    z: [{ files: [extracted("other", "of another file")] }],
  });
  const { files } = await client.pollUntilDone(classification("sorted"), { followExtractions: true });
  assert.deepEqual(files.map(({ extracted }) => extracted.result?.total), ["by id", "by name", "only", undefined]);
  assert.deepEqual(files[3].extracted, { status: "failed", error: "The linked extraction has no such file." });
});

test("a linked extraction that fails or times out is reported on its files, and the rest arrives", async () => {
  const { client } = server({
    sorted: [{ files: [classified("a", link("bad", "a")), classified("b", link("x", "b")), classified("c", link("never", "c")), classified("d", link("odd\n"))] }],
    bad: [{ error: "no such batch" }],
    x: [{ files: [extracted("b", "2")] }],
    never: [waiting],
    "odd\n": [{ files: [extracted("d", "4")] }],
  });
  const { files } = await client.pollUntilDone(classification("sorted"), { followExtractions: true, timeoutMs: 4_000 });
  assert.match(files[0].extracted.error, /^API_ERROR: getBatchResults: /);
  assert.equal(files[1].extracted.result.total, "2");
  assert.match(files[2].extracted.error, /^POLL_TIMEOUT: /);
  assert.equal(files[3].extracted.result.total, "4");
  assert.deepEqual([files[0], files[2]].map(({ extracted }) => extracted.status), ["failed", "failed"]);
});

test("progress counts a linked file once, when its result is there", async () => {
  const { client } = server({
    sorted: [
      { files: [classified("a", link("x", "a")), classified("b", undefined, "processing")] },
      { files: [classified("a", link("x", "a")), classified("b")] },
    ],
    x: [waiting, waiting, waiting, { files: [extracted("a", "1")] }],
  });
  const reported = [];
  const results = await client.pollUntilDone(classification("sorted"), {
    followExtractions: true,
    onProgress({ attempt, counts, newFiles, results }) {
      reported.push({ attempt, new: newFiles.map(({ fileId, extracted }) => `${fileId}${extracted?.result?.total ?? ""}`), ...counts, done: results.done });
    },
  });
  assert.deepEqual(reported.flatMap((progress) => progress.new).sort(), ["a1", "b"], "each once");
  assert.deepEqual(reported[0], { attempt: 0, new: [], total: 0, processed: 0, failed: 0, pending: 0, done: false });
  assert.deepEqual(reported[1], { attempt: 1, new: [], total: 2, processed: 0, failed: 0, pending: 2, done: false });
  const last = reported.at(-1);
  assert.deepEqual([last.attempt, last.processed, last.pending, last.done], [6, 2, 0, true]);
  assert.deepEqual(reported.slice(0, -1).map(({ done }) => done), reported.slice(0, -1).map(() => false));
  assert.equal(results.files[0].extracted.result.total, "1");
});

test("an abort, a cancel, a close and a callback's exception end all of it", async () => {
  const script = { sorted: [{ files: [classified("a", link("never", "a"))] }], never: [waiting] };
  const until = (requested) => async () => { while (requested.filter((id) => id === "never").length < 2) await oneTurn(); };
  const reason = new Error("enough");
  const follow = { followExtractions: true };

  for (const end of ["abort", "cancel", "close", "throw"]) {
    const { requested, client } = server(script);
    const controller = new AbortController();
    let polls = 0;
    const onProgress = () => { if (end === "throw" && ++polls === 4) throw reason; };
    const watch = client.watch(classification("sorted"), { ...follow, signal: controller.signal, onProgress });
    await until(requested)();
    if (end === "abort") controller.abort(reason);
    if (end === "cancel") watch.cancel(reason);
    if (end === "close") client.close();
    const error = await rejection(watch.result);
    if (end === "close") assert.ok(isExtractaError(error, "CLOSED"));
    else assert.equal(error, reason, end);
    const sent = requested.length;
    for (let turn = 0; turn < 20; turn++) await oneTurn();
    assert.equal(requested.length, sent, `${end}: nobody polls on`);
  }
});

test("a classification that fails takes its linked polls with it", async () => {
  const { requested, client } = server({
    sorted: [{ files: [classified("a", link("never", "a")), classified("b", undefined, "processing")] }, { error: "gone" }],
    never: [waiting],
  });
  assert.ok(isExtractaError(await rejection(client.pollUntilDone(classification("sorted"), { followExtractions: true })), "API_ERROR"));
  const sent = requested.length;
  for (let turn = 0; turn < 20; turn++) await oneTurn();
  assert.equal(requested.length, sent);
});

test("pollMany follows too", async () => {
  const { client } = server({ sorted: [{ files: [classified("a", link("x", "a"))] }], x: [{ files: [extracted("a", "1")] }] });
  const jobs = [classification("sorted"), { extractionId: "template", batchId: "x" }];
  const all = [];
  for await (const settled of client.pollMany(jobs, { followExtractions: true })) all.push(settled);
  assert.equal(all.find(({ index }) => index === 0).results.files[0].extracted.result.total, "1");
  assert.equal(all.length, 2);
});
