// An upload that fails says what may have happened, and is sent once, whatever happened.
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { createServer } from "node:net";
import { Readable } from "node:stream";
import { test } from "node:test";
import { ExtractaClient, isExtractaError } from "extracta-wasm";
import { fast, newToken, rejection, severalFloors } from "./standin.mjs";
import { bytesOf, uploadsOf } from "./uploaded.mjs";

const PIECES = Array.from({ length: 30 }, () => bytesOf(100_000));

const SHAPES = {
  "a file": () => new File(PIECES, "a.pdf"),
  "a stream": () => ({ name: "a.pdf", data: Readable.from(PIECES) }),
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
  ["upload-late", { code: "REQUEST_TIMEOUT", arrived: true, options: { uploadTimeoutMs: 2_000 }, says: /longer than uploadTimeoutMs/ }],
  ["upload-slow", { code: "REQUEST_TIMEOUT", arrived: true, options: { uploadTimeoutMs: 2_000 } }],
];

for (const [extractionId, { code, httpStatus, arrived, retryable = false, options, says = /./ }] of FAILURES) {
  for (const [shape, file] of Object.entries(SHAPES)) {
    test(`${extractionId}, of ${shape}`, async () => {
      const ends = ["uploadFiles", "extract"].map(async (method) => {
        const standin = fast();
        const error = await rejection(new ExtractaClient(standin)[method]({ extractionId }, file(), options));
        assert.ok(isExtractaError(error, code), `${method}: ${error.code}: ${error.message}`);
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
      await Promise.all(ends);
    });
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
