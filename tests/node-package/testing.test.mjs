// extracta-wasm/testing: an API that answers as a test says, and lanes that forget.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { ExtractaClient, isExtractaError } from "extracta-wasm";
import { done, failing, fakeApi, resetLanes, unreachable, waiting } from "extracta-wasm/testing";
import { runNode } from "./child.mjs";
import { classification, extraction, newToken, NOWHERE, rejection } from "./standin.mjs";

const clientOf = (api, more) => new ExtractaClient({ baseUrl: NOWHERE, token: newToken(), minIntervalMs: 0, fetch: api.fetch, ...more });

test("each request gets the next reply of its batch, and the last one from then on", async () => {
  const api = fakeApi({ invoices: [waiting(), waiting([{ status: "processed" }, {}]), done([{ fileName: "a.pdf", result: { total: "1.00" } }])], other: [waiting()] });
  const client = clientOf(api);
  await client.getBatchResults(extraction("other"));
  const seen = [];
  const { files } = await client.pollUntilDone(extraction("invoices"), { onProgress: ({ counts }) => seen.push(counts) });
  assert.deepEqual(seen.map(({ processed, total }) => [processed, total]), [[0, 0], [0, 0], [1, 2], [1, 1]]);
  assert.deepEqual(files, [{ fileId: "file-1", fileName: "a.pdf", status: "processed", result: { total: "1.00" } }]);
  assert.equal((await client.getBatchResults(extraction("invoices"))).done, true);
  assert.deepEqual(api.requests.map(({ body, attempt }) => [body.batchId, attempt]), [["other", 1], ["invoices", 1], ["invoices", 2], ["invoices", 3], ["invoices", 4]]);
  const [{ url, method, headers }] = api.requests;
  assert.deepEqual([url, method, headers["content-type"]], [`${NOWHERE}/getBatchResults`, "POST", "application/json"]);
});

test("each poll gets objects of its own, and the ids that it requested", async () => {
  const replies = [done()];
  const api = fakeApi({ b: replies });
  const [one, other] = [await clientOf(api).pollUntilDone(extraction("b")), await clientOf(api).pollUntilDone(classification("b"))];
  assert.notEqual(one.files, other.files);
  assert.deepEqual([one.extractionId, other.classificationId, other.extractionId], ["any-extraction", "any-classification", undefined]);
  assert.equal("done" in replies[0].body, false);
});

test("a function says the reply by the attempt, also later", async () => {
  const api = fakeApi({ b: async (attempt, { body }) => (attempt < 3 ? waiting() : done([{ fileName: body.extractionId }])) });
  const { files } = await clientOf(api).pollUntilDone(extraction("b"));
  assert.deepEqual([files[0].fileName, api.requests.length], ["any-extraction", 3]);
});

test("failures are what the API's are", async () => {
  const api = fakeApi({
    gone: [failing(404, { error: "No such batch" })],
    busy: [failing(429, undefined, { "retry-after": "7" })],
    page: [failing(502, "<h1>Bad gateway</h1>")],
    down: [unreachable()],
  });
  const errors = {};
  for (const batchId of ["gone", "busy", "page", "down", "unheard-of"]) errors[batchId] = await rejection(clientOf(api).getBatchResults(extraction(batchId)));
  assert.deepEqual(Object.values(errors).map(({ code }) => code), ["NOT_FOUND", "RATE_LIMITED", "SERVER", "NETWORK", "NOT_FOUND"]);
  assert.equal(errors.gone.serverMessage, "No such batch");
  assert.equal(errors.busy.retryAfterMs, 7_000);
  assert.match(errors["unheard-of"].serverMessage, /fakeApi has no batch "unheard-of"; it has gone, busy/);
});

test("a reply that never comes ends with the call's signal, and a slow one with its timeout", async () => {
  const never = clientOf(fakeApi({ b: () => new Promise(() => {}) }));
  const controller = new AbortController();
  const call = rejection(never.getBatchResults(extraction("b"), { signal: controller.signal }));
  controller.abort("enough");
  assert.equal(await call, "enough");
  const slow = clientOf(fakeApi({ b: [done()] }, { delayMs: 60_000 }));
  assert.ok(isExtractaError(await rejection(slow.getBatchResults(extraction("b"), { requestTimeoutMs: 20 })), "REQUEST_TIMEOUT"));
});

test("it takes the place of the global fetch as well", async () => {
  const { fetch } = globalThis;
  const api = fakeApi({ b: [done()] });
  globalThis.fetch = api.fetch;
  try {
    assert.equal((await new ExtractaClient({ token: newToken() }).pollUntilDone(extraction("b"))).done, true);
  } finally {
    globalThis.fetch = fetch;
  }
});

test("mistakes of a test are said at once, or by the call", async () => {
  assert.throws(() => fakeApi({ b: [] }), /replies for b must be a list, not an empty one/);
  assert.throws(() => done("a.pdf"), /must be a list/);
  const error = await rejection(clientOf(fakeApi({ b: () => undefined })).getBatchResults(extraction("b")));
  assert.match(error.cause.message, /needs waiting\(\), done\(\)/);
});

test("without a Response, as in Jest's jsdom, it answers all the same", async () => {
  const { code, stdout, stderr } = await runNode(`
    import { ExtractaClient } from "extracta-wasm";
    import { done, failing, fakeApi, waiting } from "extracta-wasm/testing";
    for (const name of ["fetch", "Response", "Request", "Headers", "TextDecoder", "TextEncoder"]) delete globalThis[name];
    const { fetch } = fakeApi({ b: [waiting(), failing(429, undefined, { "retry-after": "0" }), done()] });
    const { files } = await new ExtractaClient({ baseUrl: "${NOWHERE}", minIntervalMs: 0, fetch }).pollUntilDone({ extractionId: "e", batchId: "b" });
    console.log(files[0].status);
  `);
  assert.deepEqual([code, stdout], [0, "processed"], stderr);
});

// In which every lane is closed for an hour: only who forgets gets through.
const PAUSED = failing(429, undefined, { "retry-after": "3600" });
const require = createRequire(import.meta.url);

test("resetLanes opens every lane, for clients that are there and for other copies of the package", async () => {
  const token = newToken();
  const api = fakeApi({ paused: [PAUSED], b: [done()] });
  const options = { baseUrl: NOWHERE, token, minIntervalMs: 0, fetch: api.fetch };
  const client = new ExtractaClient(options);
  const other = new (require("extracta-wasm").ExtractaClient)(options);
  await rejection(client.getBatchResults(extraction("paused")));
  for (const copy of [client, other]) assert.ok(isExtractaError(await rejection(copy.pollUntilDone(extraction("b"), { timeoutMs: 30 })), "POLL_TIMEOUT"));
  assert.ok(client.lanes()[0].pausedForMs > 3_000_000);
  for (const reset of [resetLanes, require("extracta-wasm/testing").resetLanes]) {
    reset();
    assert.deepEqual(client.lanes().map(({ pausedForMs, nextSlotInMs }) => [pausedForMs, nextSlotInMs]), [[0, 0]]);
    for (const copy of [client, other, new ExtractaClient(options)]) {
      resetLanes();
      const { done: isDone } = await copy.getBatchResults(extraction("b"), { signal: AbortSignal.timeout(60_000) });
      assert.equal(isDone, true);
    }
    await rejection(client.getBatchResults(extraction("paused")));
  }
});

test("resetLanes leaves no number of a lane as it was", async () => {
  resetLanes();
  await new ExtractaClient({ baseUrl: NOWHERE, token: newToken(), fetch: fakeApi({ b: [done()] }).fetch }).getBatchResults(extraction("b"));
  const [lane] = globalThis[Symbol.for("extracta-wasm.lanes.1")].values();
  lane.fill(7);
  resetLanes();
  assert.ok(!lane.includes(7), String(lane));
});

test("after resetLanes the floor is kept as ever", async () => {
  resetLanes();
  const starts = [];
  const api = fakeApi({ b: () => (starts.push(performance.now()), starts.length < 3 ? waiting() : done()) });
  const client = clientOf(api, { minIntervalMs: 80 });
  await client.pollUntilDone(extraction("b"));
  for (let n = 1; n < starts.length; n++) assert.ok(starts[n] - starts[n - 1] >= 79, `${starts[n] - starts[n - 1]} ms`);
});

test("where nobody has polled yet there is nothing to forget", async () => {
  const { code, stderr } = await runNode('import { resetLanes } from "extracta-wasm/testing"; resetLanes();');
  assert.equal(code, 0, stderr);
});
