// An upload that fails says what may have happened, and is sent once, whatever happened.
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { createServer } from "node:net";
import { Readable } from "node:stream";
import { test } from "node:test";
import { ExtractaClient, isExtractaError } from "extracta-wasm";
import { fast, newToken, NOWHERE, oneTurn, rejection, severalFloors } from "./standin.mjs";
import { bytesOf, uploadsOf } from "./uploaded.mjs";

const SIZE = 3_000_000;

const SHAPES = {
  "a file": () => new File([bytesOf(SIZE)], "a.pdf"),
  "a stream": () => ({ name: "a.pdf", data: Readable.from(Array.from({ length: 30 }, () => bytesOf(SIZE / 30))) }),
};

/** What the stand-in does, by the extraction's id, and how the call ends. */
const FAILURES = [
  ["upload-http-400", { code: "BAD_REQUEST", httpStatus: 400, arrived: false }],
  ["upload-http-401", { code: "UNAUTHENTICATED", httpStatus: 401, arrived: false }],
  ["upload-http-403", { code: "FORBIDDEN", httpStatus: 403, arrived: false }],
  ["upload-http-404", { code: "NOT_FOUND", httpStatus: 404, arrived: false }],
  ["upload-http-413", { code: "BAD_REQUEST", httpStatus: 413, arrived: false, says: /no upload of this size.*fewer files/ }],
  ["upload-http-429", { code: "RATE_LIMITED", httpStatus: 429, arrived: false, retryable: true }],
  ["upload-http-408", { code: "SERVER", httpStatus: 408, arrived: true }],
  ["upload-http-500", { code: "SERVER", httpStatus: 500, arrived: true }],
  ["upload-http-503", { code: "SERVER", httpStatus: 503, arrived: true }],
  ["upload-cut", { code: "NETWORK", arrived: true, says: /got no answer/ }],
  ["upload-cut-reply", { code: "NETWORK", arrived: true }],
  ["upload-no-batch", { code: "UNEXPECTED_REPLY", httpStatus: 200, arrived: true, says: /names no batch/ }],
  ["upload-error", { code: "API_ERROR", httpStatus: 200, arrived: true }],
  ["upload-html", { code: "NOT_JSON", httpStatus: 200, arrived: true, says: /text\/html/ }],
  ["upload-late", { code: "REQUEST_TIMEOUT", arrived: true, options: { uploadTimeoutMs: 500 }, says: /longer than uploadTimeoutMs/ }],
  ["upload-slow", { code: "REQUEST_TIMEOUT", arrived: true, options: { uploadTimeoutMs: 300 } }],
];

for (const [extractionId, { code, httpStatus, arrived, retryable = false, options, says = /./ }] of FAILURES) {
  for (const [shape, file] of Object.entries(SHAPES)) {
    for (const method of ["uploadFiles", "extract"]) {
      test(`${extractionId}, ${method} of ${shape}`, async () => {
        const standin = fast();
        const client = new ExtractaClient(standin);
        const error = await rejection(client[method]({ extractionId }, file(), options));
        assert.ok(isExtractaError(error, code), `${error.code}: ${error.message}`);
        const { endpoint, url, filesMayHaveArrived } = error;
        assert.deepEqual(
          { endpoint, url, httpStatus: error.httpStatus, filesMayHaveArrived, retryable: error.retryable, extractionId: error.extractionId },
          { endpoint: "uploadFiles", url: `${standin.baseUrl}/uploadFiles`, httpStatus, filesMayHaveArrived: arrived, retryable, extractionId },
        );
        assert.match(error.message, says);
        assert.equal(/may have arrived, and may be billed/.test(error.message), arrived, error.message);
        await severalFloors();
        assert.equal((await uploadsOf(standin)).length, 1, "nothing is sent twice");
      });
    }
  }
}

test("a redirect is not followed, and says where to mend it", async () => {
  const visits = [];
  const server = http.createServer((request, response) => {
    visits.push(request.url);
    request.resume().on("end", () => response.writeHead(307, { location: "/elsewhere" }).end());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = new ExtractaClient({ baseUrl: `http://127.0.0.1:${server.address().port}`, token: newToken() });
  for (const file of Object.values(SHAPES)) {
    const error = await rejection(client.uploadFiles({ extractionId: "e" }, file()));
    assert.deepEqual([error.code, error.filesMayHaveArrived], ["BAD_REQUEST", false], error.message);
    assert.match(error.message, /redirects elsewhere\. Set baseUrl/);
  }
  assert.deepEqual(visits, ["/uploadFiles", "/uploadFiles"]);
  server.closeAllConnections();
  server.close();
});

test("where nobody listens, nothing can have arrived", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  const client = new ExtractaClient({ baseUrl: `http://127.0.0.1:${port}`, token: newToken() });
  for (const file of Object.values(SHAPES)) {
    const error = await rejection(client.uploadFiles({ extractionId: "e" }, file()));
    assert.deepEqual([error.code, error.cause.code, error.filesMayHaveArrived, error.retryable], ["NETWORK", "ECONNREFUSED", false, true]);
    assert.doesNotMatch(error.message, /may have arrived/);
  }
});

test("a server that hangs up in the middle of the files is met once", async () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    let bytes = 0;
    socket.on("error", () => {});
    socket.on("data", ({ length }) => (bytes += length) > 1_000_000 && socket.resetAndDestroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = new ExtractaClient({ baseUrl: `http://127.0.0.1:${server.address().port}`, token: newToken() });
  for (const file of Object.values(SHAPES)) {
    connections = 0;
    const error = await rejection(client.uploadFiles({ extractionId: "e" }, file()));
    assert.deepEqual([error.code, error.filesMayHaveArrived], ["NETWORK", true]);
    await severalFloors();
    assert.equal(connections, 1);
  }
  server.close();
});

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

test("an abort in the middle of a stream tells the stream, and no whole form arrives", async () => {
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

test("a token function is asked once for an upload, and for another token after a refusal", async () => {
  const asked = [];
  const standin = fast();
  const token = ({ forceRefresh }) => {
    asked.push(forceRefresh);
    return asked.length === 1 ? "expired-1" : standin.token;
  };
  const client = new ExtractaClient({ ...standin, token });
  const target = { extractionId: "e" };
  assert.equal((await rejection(client.uploadFiles(target, SHAPES["a file"]()))).code, "UNAUTHENTICATED");
  await client.uploadFiles(target, SHAPES["a file"]());
  await client.uploadFiles(target, SHAPES["a file"]());
  assert.deepEqual(asked, [false, true, false]);
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
