// Files go up once, arrive as they are, and become a batch to poll.
import assert from "node:assert/strict";
import { openAsBlob } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { ExtractaClient } from "extracta-wasm";
import { fast, gapsOf, newToken, NOWHERE, rejection, requestsOf } from "./standin.mjs";
import { bytesOf, filesOf, HEBREW, LARGE, listed, uploadsOf } from "./uploaded.mjs";

const INVOICES = { extractionId: "invoices" };
const INBOX = { classificationId: "inbox" };

function pdf(name = "a.pdf", bytes = bytesOf(1_000)) {
  return new File([bytes], name, { type: "application/pdf" });
}

test("a file is uploaded, and the reply is a batch to poll", async () => {
  const options = fast();
  const client = new ExtractaClient(options);
  const bytes = bytesOf(70_000);
  const reply = await client.uploadFiles(INVOICES, pdf("a.pdf", bytes));
  assert.deepEqual(Object.keys(reply).sort(), ["batchId", "extractionId", "files", "status"], "the API's reply, untouched");
  const reported = [];
  const { files } = await client.pollUntilDone(reply, { onProgress: ({ counts }) => reported.push(counts) });
  assert.deepEqual(files.map(({ fileName, status }) => [fileName, status]), [["a.pdf", "processed"]]);
  assert.equal(reported[0].total, 1, "how many files to expect is known before the first answer");
  const uploads = await uploadsOf(options);
  assert.deepEqual(uploads.map(filesOf), [[listed("a.pdf", bytes)]]);
  assert.equal(uploads[0].files[0].contentType, "application/pdf");
  assert.equal((await gapsOf(options))["/getBatchResults"].violations, 0);
});

test("twenty files go up in one request, in their order", async () => {
  const options = fast();
  const contents = Array.from({ length: 20 }, (_, n) => [`file ${n}.pdf`, bytesOf(1_000 * n + 1, n + 1)]);
  const client = new ExtractaClient(options);
  const { files } = await client.extract(INVOICES, contents.map(([name, bytes]) => pdf(name, bytes)));
  assert.deepEqual(files.map(({ fileName }) => fileName), contents.map(([name]) => name));
  assert.deepEqual((await uploadsOf(options)).map(filesOf), [contents.map(([name, bytes]) => listed(name, bytes))]);
});

test("a name in Hebrew with quotes arrives as it is, of a file and of a stream", async () => {
  const options = fast();
  const client = new ExtractaClient(options);
  for (const file of [pdf(HEBREW), { name: HEBREW, data: Readable.from([bytesOf(1_000)]) }]) {
    const { files } = await client.extract(INVOICES, [file]);
    assert.equal(files[0].fileName, HEBREW);
  }
  for (const upload of await uploadsOf(options)) assert.deepEqual(filesOf(upload), [listed(HEBREW, bytesOf(1_000))]);
});

test("whatever holds a document is a file", async () => {
  const options = fast();
  const client = new ExtractaClient(options);
  const bytes = bytesOf(3_000);
  const whole = bytes.buffer.slice(0);
  const folder = await mkdtemp(join(tmpdir(), "uploads-"));
  await writeFile(join(folder, "a.pdf"), bytes);
  const shapes = {
    "bytes": bytes,
    "a part of a buffer": new Uint8Array(whole).subarray(0),
    "a Buffer": Buffer.from(bytes),
    "a view": new DataView(whole),
    "an ArrayBuffer": whole,
    "a Blob": new Blob([bytes]),
    "a File": new File([bytes], "other.pdf"),
    "a file of the disk": await openAsBlob(join(folder, "a.pdf")),
    "a ReadableStream": new Blob([bytes]).stream(),
    "a Node stream": Readable.from([Buffer.from(bytes.subarray(0, 10)), Buffer.from(bytes.subarray(10))]),
    "an async generator": (async function* () {
      yield bytes.subarray(0, 1_500);
      yield bytes.buffer.slice(1_500);
    })(),
  };
  const files = Object.entries(shapes).map(([name, data]) => ({ name: `${name}.pdf`, data }));
  await client.uploadFiles(INVOICES, files);
  await client.uploadFiles(INVOICES, { name: "text.txt", data: "שלום" });
  const named = Object.assign(new Blob([bytes]), { name: "/home/alex/named.pdf" });
  await client.uploadFiles(INVOICES, new Set([named]));
  // What a file input has: no array, and not even iterable where it is old.
  await client.uploadFiles(INVOICES, { length: 1, 0: pdf("listed.pdf", bytes) });
  const uploads = (await uploadsOf(options)).map(filesOf);
  assert.deepEqual(uploads, [
    files.map(({ name }) => listed(name, bytes)),
    [listed("text.txt", new TextEncoder().encode("שלום"))],
    [listed("named.pdf", bytes)],
    [listed("listed.pdf", bytes)],
  ]);
  await rm(folder, { recursive: true });
});

test("50 MB arrive whole", async () => {
  const options = fast();
  const client = new ExtractaClient(options);
  const bytes = bytesOf(LARGE);
  await client.uploadFiles(INVOICES, pdf("large.pdf", bytes));
  assert.deepEqual((await uploadsOf(options)).map(filesOf), [[listed("large.pdf", bytes)]]);
});

test("files join a batch that exists", async () => {
  const options = fast();
  const client = new ExtractaClient(options);
  const first = await client.uploadFiles(INVOICES, pdf("one.pdf"));
  const second = await client.uploadFiles(first, [pdf("two.pdf"), pdf("three.pdf")]);
  assert.equal(second.batchId, first.batchId);
  const { files } = await client.pollUntilDone(second);
  assert.deepEqual(files.map(({ fileName }) => fileName), ["one.pdf", "two.pdf", "three.pdf"]);
  const error = await rejection(client.uploadFiles({ ...INVOICES, batchId: "unknown" }, pdf()));
  assert.deepEqual([error.code, error.batchId, error.filesMayHaveArrived], ["NOT_FOUND", "unknown", false]);
});

test("classify uploads to a classification", async () => {
  const options = fast();
  const client = new ExtractaClient(options);
  const { classificationId, files } = await client.classify(INBOX, [pdf("Invoice 7.pdf"), pdf("picture.png")]);
  assert.equal(classificationId, "inbox");
  assert.deepEqual(files.map(({ result }) => result.documentType), ["invoice", "other"]);
  assert.deepEqual((await uploadsOf(options)).map(({ endpoint }) => endpoint), ["/documentClassification/uploadFiles"]);
  const other = await rejection(client.extract(INBOX, pdf()));
  assert.deepEqual([other.code, other.option], ["INVALID_OPTION", "target"]);
  assert.equal((await rejection(client.classify(INVOICES, pdf()))).option, "target");
});

test("progress covers the upload and the poll", async () => {
  const client = new ExtractaClient(fast());
  const pieces = [bytesOf(40_000), bytesOf(30_000)];
  const reported = [];
  const { files } = await client.extract(INVOICES, { name: "a.pdf", data: Readable.from(pieces) }, { onProgress: (progress) => reported.push(progress) });
  const uploads = reported.filter(({ phase }) => phase === "upload");
  assert.deepEqual(uploads.map(({ sentBytes, totalBytes }) => [sentBytes, totalBytes]), [[0, undefined], [40_000, undefined], [70_000, undefined]]);
  const results = reported.slice(uploads.length);
  assert.ok(results.every(({ phase }) => phase === "results"));
  assert.deepEqual([results[0].attempt, results[0].counts.total], [0, 1]);
  assert.deepEqual(results.at(-1).results.files, files);

  const sizes = [];
  await client.uploadFiles(INVOICES, [pdf(), pdf()], { onProgress: (progress) => sizes.push(progress) });
  assert.deepEqual(sizes, [{ sentBytes: 0, totalBytes: 2_000 }, { sentBytes: 2_000, totalBytes: 2_000 }]);
});

test("uploads go through no lane, and take none from polls", async () => {
  const options = fast();
  const client = new ExtractaClient(options);
  await Promise.all(Array.from({ length: 5 }, (_, n) => client.uploadFiles(INVOICES, pdf(`${n}.pdf`))));
  assert.deepEqual(client.lanes(), []);
  assert.equal((await uploadsOf(options)).length, 5);
});

test("a name that ends like no document's is a warning in the event log, and is uploaded", async () => {
  const options = fast();
  const events = [];
  const client = new ExtractaClient({ ...options, onEvent: (event) => events.push(event) });
  await client.uploadFiles(INVOICES, [pdf("a.pdf"), pdf("secret name.heic"), pdf("none")]);
  const warnings = events.filter(({ type }) => type === "warning");
  assert.deepEqual(warnings.map(({ fileIndex }) => fileIndex), [1, 2]);
  assert.ok(!JSON.stringify(events).includes("secret"), "names are no part of events");
  assert.deepEqual(events.slice(2).map(({ type, endpoint, attempt }) => [type, endpoint, attempt]), [
    ["request", "uploadFiles", 1],
    ["response", "uploadFiles", 1],
    ["settled", "uploadFiles", undefined],
  ]);
  const { batchId } = (await uploadsOf(options))[0];
  assert.deepEqual([events.at(-1).outcome, events.at(-1).batchId], ["done", batchId]);
});

test("what cannot be uploaded is said before anything is sent", async () => {
  const options = fast();
  const client = new ExtractaClient(options);
  const noFiles = [[], new Set(), { length: 0 }];
  const noFile = [undefined, null, "a.pdf", 5, [5], [null], ["a.pdf"], { name: "a.pdf" }, [{ data: "text" }], [{ name: "", data: "text" }],
    new Blob(["no name"]), { name: "a.pdf", data: {} }, { name: "a.pdf", data: 5 }, [pdf(), { name: "a.pdf", data: null }]];
  const empty = [pdf("a.pdf", ""), [pdf(), { name: "b.pdf", data: new Uint8Array() }], { name: "a.pdf", data: "" }];
  for (const files of [...noFiles, ...noFile, ...empty]) {
    const error = await rejection(client.uploadFiles(INVOICES, files));
    assert.deepEqual([error.code, error.option, error.filesMayHaveArrived], ["INVALID_OPTION", "files", undefined], error.message);
    assert.equal(error.extractionId, "invoices");
  }
  assert.match((await rejection(client.uploadFiles(INVOICES, [pdf(), pdf("b", "")]))).message, /got an empty file, at index 1/);
  for (const target of [undefined, {}, { extractionId: "" }, { ...INVOICES, ...INBOX }, { ...INVOICES, batchId: 5 }]) {
    assert.equal((await rejection(client.uploadFiles(target, pdf()))).code, "INVALID_OPTION");
  }
  for (const wrong of [{ uploadTimeoutMs: 0 }, { uploadTimeoutMs: "1" }, { timeoutMs: 5 }, { signal: {} }, { onProgress: 5 }]) {
    assert.equal((await rejection(client.uploadFiles(INVOICES, pdf(), wrong))).option, Object.keys(wrong)[0]);
  }
  assert.match((await rejection(client.extract(INVOICES, pdf(), { uploadTimeout: 5 }))).message, /Did you mean uploadTimeoutMs\?/);
  assert.equal((await rejection(client.extract(INVOICES, pdf(), { intervalMs: 1 }))).option, "intervalMs", "of the poll, before the upload");
  assert.equal((await rejection(client.pollUntilDone({ ...INVOICES, batchId: "b" }, { uploadTimeoutMs: 5 }))).option, "uploadTimeoutMs");
  assert.deepEqual(await uploadsOf(options), []);
  assert.deepEqual(await requestsOf(options), []);
});

test("a stream that gives nothing, or something else than bytes, is no document", async () => {
  const options = fast();
  const client = new ExtractaClient(options);
  for (const chunks of [[], [5], [{}]]) {
    const error = await rejection(client.uploadFiles(INVOICES, { name: "a.pdf", data: Readable.from(chunks) }));
    assert.deepEqual([error.code, error.option, error.filesMayHaveArrived], ["INVALID_OPTION", "files", false], error.message);
  }
  const mine = new RangeError("the disk is gone");
  const breaks = async function* () {
    yield bytesOf(10);
    throw mine;
  };
  assert.equal(await rejection(client.uploadFiles(INVOICES, { name: "a.pdf", data: breaks() })), mine);
  for (const upload of await uploadsOf(options)) assert.equal(upload.isComplete, false, "no whole form");
});

test("a fetch of the caller's gets the form, and the platform's boundary", async () => {
  const seen = [];
  const fetch = async (url, init) => {
    seen.push({ url, init, type: new Request(url, init).headers.get("content-type") });
    return Response.json({ batchId: "b" });
  };
  const client = new ExtractaClient({ baseUrl: NOWHERE, token: newToken(), headers: { "x-mine": "1" }, fetch });
  const reply = await client.uploadFiles(INBOX, pdf());
  assert.deepEqual(reply, { batchId: "b", classificationId: "inbox" }, "the id that the reply leaves out is known");
  const [{ url, init, type }] = seen;
  assert.equal(url, `${NOWHERE}/documentClassification/uploadFiles`);
  assert.ok(init.body instanceof FormData);
  assert.deepEqual([init.method, init.redirect, init.window, init.headers["x-mine"], init.headers["content-type"]], ["POST", "error", null, "1", undefined]);
  assert.match(type, /^multipart\/form-data; boundary=/);
  assert.deepEqual([...init.body.keys()], ["classificationId", "files"]);
});

test("from files to their fields, whole, in under ten lines", async () => {
  const { baseUrl, token: key, minIntervalMs } = fast();
  const file = pdf("invoice.pdf");
  const client = new ExtractaClient({ baseUrl, token: key, minIntervalMs });
  const { files } = await client.extract({ extractionId: "-OInvoices" }, [file]);
  for (const { fileName, result } of files) assert.deepEqual([fileName, result.total], ["invoice.pdf", "25.50"]);
});
