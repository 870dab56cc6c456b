// How an upload ends that its caller ends, or that fails beside the upload itself.
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { ExtractaClient } from "extracta-wasm";
import { fast, NOWHERE, oneTurn, rejection, severalFloors } from "./standin.mjs";
import { bytesOf, uploadsOf } from "./uploaded.mjs";

const PIECES = Array.from({ length: 30 }, () => bytesOf(100_000));

const SHAPES = {
  "a file": () => new File(PIECES, "a.pdf"),
  "a stream": () => ({ name: "a.pdf", data: Readable.from(PIECES) }),
};

test("an error after the upload has the batch, and is one to poll", async () => {
  const standin = fast();
  const client = new ExtractaClient(standin);
  const error = await rejection(client.extract({ extractionId: "e" }, SHAPES["a file"](), { timeoutMs: 20 }));
  const [{ batchId }] = await uploadsOf(standin);
  assert.deepEqual([error.code, error.endpoint, error.batchId], ["POLL_TIMEOUT", "getBatchResults", batchId]);
  assert.deepEqual([error.filesMayHaveArrived, error.retryable], [true, false], "the same call would upload again");
  assert.match(error.message, /The files are uploaded: poll this batch/);
  assert.equal((await client.pollUntilDone(error)).files.length, 1);
  assert.equal((await client.resume(error.snapshot).result).files.length, 1);
  assert.equal((await uploadsOf(standin)).length, 1);
});

test("an aborted upload rejects with exactly the signal's reason, and sends nothing more", async () => {
  const standin = fast();
  const client = new ExtractaClient(standin);
  const reason = new Error("mine");
  for (const method of ["uploadFiles", "extract"]) {
    const aborted = client[method]({ extractionId: "upload-never" }, SHAPES["a file"](), { signal: AbortSignal.abort(reason) });
    assert.equal(await rejection(aborted), reason);
  }
  assert.deepEqual(await uploadsOf(standin), [], "aborted before it began");
  for (const file of Object.values(SHAPES)) {
    const controller = new AbortController();
    const before = (await uploadsOf(standin)).length;
    const upload = client.extract({ extractionId: "upload-never" }, file(), { signal: controller.signal });
    while ((await uploadsOf(standin)).filter(({ isComplete }) => isComplete).length === before) await oneTurn();
    controller.abort(reason);
    assert.equal(await rejection(upload), reason);
  }
  assert.equal((await uploadsOf(standin)).length, 2);
});

test("an abort in the middle of a stream cancels the stream, and no whole form arrives", async () => {
  const standin = fast();
  const client = new ExtractaClient(standin);
  const controller = new AbortController();
  let left = false;
  const data = (async function* () {
    try {
      for (;;) {
        yield bytesOf(10_000);
        await oneTurn();
      }
    } finally {
      left = true;
    }
  })();
  const onProgress = ({ sentBytes }) => sentBytes > 1_000_000 && controller.abort("enough");
  assert.equal(await rejection(client.uploadFiles({ extractionId: "e" }, { name: "a.pdf", data }, { signal: controller.signal, onProgress })), "enough");
  while (!left) await oneTurn();
  while ((await uploadsOf(standin)).length === 0) await oneTurn();
  await severalFloors();
  assert.deepEqual((await uploadsOf(standin)).map(({ isComplete }) => isComplete), [false]);
});

test("what onProgress throws, or its promise rejects with, ends the upload", async () => {
  const standin = fast();
  const client = new ExtractaClient(standin);
  const mine = new Error("mine");
  const thrown = () => {
    throw mine;
  };
  for (const file of Object.values(SHAPES)) {
    assert.equal(await rejection(client.uploadFiles({ extractionId: "e" }, file(), { onProgress: thrown })), mine);
    assert.equal(await rejection(client.extract({ extractionId: "e" }, file(), { onProgress: async () => thrown() })), mine);
  }
});

test("closing the client ends its uploads", async () => {
  const standin = fast();
  const client = new ExtractaClient(standin);
  const uploads = ["uploadFiles", "extract"].map((method) => rejection(client[method]({ extractionId: "upload-never" }, SHAPES["a file"]())));
  while ((await uploadsOf(standin)).length < 2) await oneTurn();
  client.close();
  for (const upload of uploads) {
    const { code, filesMayHaveArrived } = await upload;
    assert.deepEqual([code, filesMayHaveArrived], ["CLOSED", true]);
  }
  assert.equal((await rejection(client.uploadFiles({ extractionId: "e" }, SHAPES["a file"]()))).code, "CLOSED");
});

test("a token function is called once for an upload, and again after a refusal", async () => {
  const requested = [];
  const standin = fast();
  const token = ({ forceRefresh }) => {
    requested.push(forceRefresh);
    return requested.length === 1 ? "expired-1" : standin.token;
  };
  const client = new ExtractaClient({ ...standin, token });
  const target = { extractionId: "e" };
  assert.equal((await rejection(client.uploadFiles(target, SHAPES["a file"]()))).code, "UNAUTHENTICATED");
  await client.uploadFiles(target, SHAPES["a file"]());
  await client.uploadFiles(target, SHAPES["a file"]());
  assert.deepEqual(requested, [false, true, false]);
  assert.equal((await uploadsOf(standin)).length, 2);
});

test("no key stands in what an upload that failed says", async () => {
  const token = "canary-key";
  const fetch = async () => Response.json({ error: `no such key: ${token}` }, { status: 401 });
  const error = await rejection(new ExtractaClient({ baseUrl: NOWHERE, token, fetch }).uploadFiles({ extractionId: "e" }, SHAPES["a file"]()));
  assert.match(error.serverMessage, /•••/);
  assert.ok(!JSON.stringify(error).includes(token));
  const lost = async () => {
    throw new TypeError(`cannot send ${token}`);
  };
  const broken = await rejection(new ExtractaClient({ baseUrl: NOWHERE, token, fetch: lost }).uploadFiles({ extractionId: "e" }, SHAPES["a file"]()));
  assert.ok(!String(broken.cause).includes(token));
});
