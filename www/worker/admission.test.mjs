// Who is refused, and that a refused request reaches nobody.
import assert from "node:assert/strict";
import { test } from "node:test";
import { upstream, worker } from "./upstream.mjs";

const ORIGIN = "https://app.example";
const PATH = "/api/extracta/getBatchResults";
const BATCH = { extractionId: "e", batchId: "b" };

/** Headers that are `undefined` are left out. */
function request({ path = PATH, method = "POST", headers = {}, body = JSON.stringify(BATCH) } = {}) {
  const all = Object.entries({ origin: ORIGIN, "content-type": "application/json", ...headers });
  const sent = method === "POST" ? { body, duplex: "half" } : {};
  return new Request(`${ORIGIN}${path}`, { method, headers: all.filter(([, value]) => value !== undefined), ...sent });
}

async function refusal(t, what) {
  const { arrived, env } = await upstream(t, (response) => response.end("{}"));
  const answer = await worker.fetch(request(what), env);
  // The one that is let through comes behind whatever went before it.
  await worker.fetch(request(), env);
  assert.equal(arrived.length, 1, "it reached the API");
  assert.equal(answer.headers.get("cache-control"), "no-store");
  assert.equal(answer.headers.get("access-control-allow-origin"), null);
  const { status, message } = await answer.json();
  assert.equal(status, "error");
  return `${answer.status} ${message}`;
}

const passes = async (t, what) => {
  const { arrived, env } = await upstream(t, (response) => response.end("{}"));
  assert.equal((await worker.fetch(request(what), env)).status, 200);
  assert.equal(arrived.length, 1);
};

const PATHS = ["/", "/api/extracta", "/api/extracta/", "/api/extracta/uploadFiles", "/api/extracta/getBatchResults/", "/api/extracta//getBatchResults",
  "/api/extracta/GetBatchResults", "/api/extracta/constructor", "/api/extracta/%67etBatchResults", "/api/v1/getBatchResults", "/getBatchResults",
  "/api/extracta/documentClassification/uploadFiles", "/api/extracta/x/../../getBatchResults"];
for (const path of PATHS) {
  test(`there is nothing at ${path}`, async (t) => assert.equal(await refusal(t, { path }), "404 There is nothing at this address."));
}

for (const method of ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]) {
  test(`${method} is not answered`, async () => {
    const answer = await worker.fetch(request({ method }), {});
    assert.deepEqual([answer.status, answer.headers.get("allow")], [405, "POST"]);
  });
}

const FOREIGN = [
  { origin: "https://evil.example" },
  { origin: "http://app.example" },
  { origin: "https://app.example:8443" },
  { origin: "https://app.example.evil.example" },
  { origin: "null" },
  { origin: undefined },
  { origin: undefined, referer: `${ORIGIN}/` },
  { "sec-fetch-site": "cross-site" },
  { "sec-fetch-site": "same-site" },
  { "sec-fetch-site": "none" },
];
for (const headers of FOREIGN) {
  test(`a request with ${JSON.stringify(headers)} is no page's of this origin`, async (t) => {
    assert.equal(await refusal(t, { headers }), "403 Only pages of this origin are answered.");
  });
}

test("a browser's own page is answered", (t) => passes(t, { headers: { "sec-fetch-site": "same-origin", "content-type": "Application/JSON;charset=utf-8" } }));

for (const type of ["text/plain", "application/x-www-form-urlencoded", "text/plain; application/json", "application/jsonp", undefined]) {
  test(`content-type ${type} is not read`, async (t) => {
    // Without a type of its own, a text would get one.
    const body = new Blob([JSON.stringify(BATCH)]).stream();
    assert.equal(await refusal(t, { headers: { "content-type": type }, body }), "415 Only content-type application/json is read.");
  });
}

const OBJECT = "400 The body is not a JSON object.";
const ONLY = "400 Only extractionId, batchId and fileId may be sent.";
const BODIES = [
  ["", "400 The body is not JSON."],
  ["{", "400 The body is not JSON."],
  ["null", OBJECT],
  ["[]", OBJECT],
  ['"text"', OBJECT],
  ["{}", "400 extractionId must be a text that is not empty."],
  ['{"extractionId":"","batchId":"b"}', "400 extractionId must be a text that is not empty."],
  ['{"extractionId":"e"}', "400 batchId must be a text that is not empty."],
  ['{"extractionId":"e","batchId":["b"]}', "400 batchId must be a text that is not empty."],
  ['{"extractionId":"e","batchId":"b","fileId":null}', "400 fileId must be a text that is not empty."],
  ['{"extractionId":"e","batchId":"b","options":{}}', ONLY],
  ['{"extractionId":"e","batchId":"b","__proto__":{"x":1}}', ONLY],
  ['{"classificationId":"c","batchId":"b"}', ONLY],
];
for (const [body, expected] of BODIES) {
  test(`the body ${body || "of nothing"} is refused`, async (t) => assert.equal(await refusal(t, { body }), expected));
}

test("a body may be 4 KiB long and not longer, whatever length it announces", async (t) => {
  const batchOf = (bytes) => {
    const frame = JSON.stringify({ ...BATCH, batchId: "" }).length;
    return JSON.stringify({ ...BATCH, batchId: "b".repeat(bytes - frame) });
  };
  await passes(t, { body: batchOf(4096) });
  assert.equal(await refusal(t, { body: batchOf(4097) }), "413 More than 4096 bytes were sent.");
  assert.equal(await refusal(t, { body: new Blob([batchOf(4097)]).stream(), headers: { "content-length": "64" } }), "413 More than 4096 bytes were sent.");
});

test("a body without end is not read to its end", { timeout: 60_000 }, async (t) => {
  let pulled = 0;
  let cancel;
  const cancelled = new Promise((resolve) => (cancel = resolve));
  const body = new ReadableStream({
    pull: (controller) => {
      pulled += 1;
      controller.enqueue(new Uint8Array(1024).fill(0x20));
    },
    cancel,
  });
  assert.equal(await refusal(t, { body }), "413 More than 4096 bytes were sent.");
  await cancelled;
  assert.ok(pulled < 20, `${pulled} pieces were read`);
});
