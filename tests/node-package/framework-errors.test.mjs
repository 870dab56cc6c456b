// What a framework throws through its own `fetch` is meant for the framework: Next says so that a page cannot be rendered ahead of
// time, and knows its error by the digest.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ExtractaClient } from "extracta-wasm";
import { extraction } from "./standin.mjs";
import { assertNextClientWorks } from "./survival.mjs";

const thrown = Object.assign(new Error("Dynamic server usage: no-store fetch"), { digest: "DYNAMIC_SERVER_USAGE" });

for (const [how, fetch] of [
  ["rejects with", () => Promise.reject(thrown)],
  ["throws", () => { throw thrown; }],
]) {
  test(`a call rejects with the very error of a framework that its fetch ${how}, after one request`, async () => {
    let requests = 0;
    const client = new ExtractaClient({ baseUrl: "http://127.0.0.1:9", minIntervalMs: 0, fetch: () => ((requests += 1), fetch()) });
    await assert.rejects(client.pollUntilDone(extraction("any")), (error) => error === thrown);
    await assert.rejects(client.getBatchResults(extraction("any")), (error) => error === thrown);
    assert.equal(requests, 2);
    await assertNextClientWorks();
  });
}
