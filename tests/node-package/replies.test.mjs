// The reply is handed back itself: never copied, never cut, whatever it holds.
import assert from "node:assert/strict";
import { test } from "node:test";
import { wasmBytes } from "./left-behind.mjs";
import { answering, classification, extraction, fast, finished, newToken, NOWHERE } from "./standin.mjs";

const { ExtractaClient } = await import("extracta-wasm");

test("10 MB pass through without entering the memory of the wasm", async () => {
  let replyBytes = 0;
  const client = new ExtractaClient({
    ...fast(),
    fetch: async (...request) => {
      const response = await fetch(...request);
      replyBytes = (await response.clone().arrayBuffer()).byteLength;
      return response;
    },
  });
  await client.pollUntilDone(extraction("done"));
  const before = wasmBytes();
  const { done, files } = await client.pollUntilDone(extraction("huge"));
  const growth = wasmBytes() - before;
  assert.deepEqual([done, files.length], [true, 10_000]);
  assert.ok(replyBytes > 9e6, `the reply had ${replyBytes} bytes`);
  assert.ok(growth < 2 * 1024 * 1024, `the memory grew by ${growth} bytes`);
});

test("the results are the object that the platform parsed, and so are its files", async () => {
  const reply = { ...finished(extraction("b")), surprise: { deep: [] } };
  const { files, surprise } = reply;
  const client = new ExtractaClient({
    baseUrl: NOWHERE,
    token: newToken(),
    fetch: async () => Object.assign(new Response(), { json: async () => reply }),
  });
  const results = await client.pollUntilDone(extraction("b"));
  assert.equal(results, reply);
  assert.equal(results.files, files);
  assert.equal(results.surprise, surprise);
  assert.equal(results.done, true);
});

for (const batch of [extraction("extra-members"), classification("extra-members")]) {
  const kind = Object.keys(batch)[0];
  test(`members that nobody announced stay as they came (${kind})`, async () => {
    const results = await new ExtractaClient(fast()).pollUntilDone(batch);
    const { done, ...rest } = results;
    const plain = await plainReply(batch);
    assert.equal(done, true);
    assert.deepStrictEqual(rest, plain);
    // Order, too, and what spreading does not copy.
    assert.equal(JSON.stringify(results), JSON.stringify(Object.assign(plain, { done: true })));
    assert.ok(Object.hasOwn(results, "__proto__"), "the script has such a member");
    assert.equal(Object.getPrototypeOf(results), Object.prototype);
    assert.equal({}.polluted, undefined);
  });
}

async function plainReply(batch) {
  const { baseUrl, token } = fast();
  const path = "extractionId" in batch ? "getBatchResults" : "documentClassification/getResults";
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  const response = await fetch(`${baseUrl}/${path}`, { method: "POST", headers, body: JSON.stringify(batch) });
  return response.json();
}

test("the request is what the API documents: its endpoint, a POST of the ids, the key as a bearer", async () => {
  const requests = [];
  const fetch = answering((body, url, init) => {
    const headers = { ...init.headers };
    requests.push({ url, method: init.method, headers, body });
    return finished(body);
  });
  const token = newToken();
  const client = new ExtractaClient({ baseUrl: `${NOWHERE}/`, token, headers: { "X-Team": "blue" }, fetch });
  await client.pollUntilDone({ ...extraction("b1"), fileId: "f1" });
  await client.pollUntilDone(classification("b2"));
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", "x-team": "blue" };
  assert.deepEqual(requests, [
    { url: `${NOWHERE}/getBatchResults`, method: "POST", headers, body: { extractionId: "any-extraction", batchId: "b1", fileId: "f1" } },
    { url: `${NOWHERE}/documentClassification/getResults`, method: "POST", headers, body: { classificationId: "any-classification", batchId: "b2" } },
  ]);
});

test("without a token no key is sent, and fetch is called without this", async () => {
  const seen = [];
  async function fetch(_url, init) {
    seen.push([this, "authorization" in init.headers]);
    return Response.json(finished(JSON.parse(init.body)));
  }
  await new ExtractaClient({ baseUrl: NOWHERE, fetch }).pollUntilDone(extraction("b"));
  assert.deepEqual(seen, [[undefined, false]]);
});
