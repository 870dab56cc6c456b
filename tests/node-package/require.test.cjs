"use strict";
// The package as a CommonJS program requires it.
const assert = require("node:assert/strict");
const { test } = require("node:test");
const { ExtractaClient, ExtractaError, isExtractaError } = require("extracta-wasm");

test("a CommonJS program polls in a few lines", async () => {
  const { fast, requestsOf } = await import("./standin.mjs");
  const options = fast();
  const client = new ExtractaClient(options);
  const results = await client.pollUntilDone({ extractionId: "my-extraction", batchId: "waits-2" });
  assert.equal(results.done, true);
  assert.equal(results.files.length, 3);
  assert.equal((await requestsOf(options)).length, 3);
});

test("a CommonJS program recognises the errors", async () => {
  const { fast } = await import("./standin.mjs");
  const client = new ExtractaClient(fast());
  await assert.rejects(client.pollUntilDone({ classificationId: "my-sorting", batchId: "http-404" }), (error) => {
    assert.ok(error instanceof ExtractaError);
    assert.ok(isExtractaError(error, "NOT_FOUND"));
    return true;
  });
});
