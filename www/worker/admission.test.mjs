// Who is refused, and that a refused request reaches nobody.
import assert from "node:assert/strict";
import { test } from "node:test";
import { KEY, polls, worker } from "./upstream.mjs";

const ORIGIN = "https://app.example";
const PATH = "/api/polls/getBatchResults";
const BATCH = { extractionId: "e", batchId: "b" };

/** Headers that are `undefined` are left out. */
function request({ path = PATH, method = "POST", headers = {}, body = JSON.stringify(BATCH) } = {}) {
  const all = Object.entries({ origin: ORIGIN, "content-type": "application/json", ...headers });
  const sent = method === "POST" ? { body, duplex: "half" } : {};
  return new Request(`${ORIGIN}${path}`, { method, headers: all.filter(([, value]) => value !== undefined), ...sent });
}

async function refusal(what) {
  const { started, env } = polls();
  const answer = await worker.fetch(request(what), env);
  assert.equal(started.length, 0, "it was started");
  assert.equal(answer.headers.get("cache-control"), "no-store");
  assert.equal(answer.headers.get("access-control-allow-origin"), null);
  const { status, message } = await answer.json();
  assert.equal(status, "error");
  return `${answer.status} ${message}`;
}

const passes = async (what) => {
  const { started, env } = polls();
  assert.equal((await worker.fetch(request(what), env)).status, 200);
  assert.equal(started.length, 1);
};

const PATHS = ["/", "/api/polls", "/api/polls/", "/api/polls/uploadFiles", "/api/polls/getBatchResults/", "/api/polls//getBatchResults",
  "/api/polls/GetBatchResults", "/api/polls/constructor", "/api/polls/%67etBatchResults", "/api/v1/getBatchResults", "/getBatchResults",
  "/api/polls/documentClassification/uploadFiles", "/api/polls/x/../../getBatchResults", "/api/polls/%"];
for (const path of PATHS) {
  test(`there is nothing at ${path}`, async () => assert.equal(await refusal({ path }), "404 There is nothing at this address."));
}

for (const method of ["HEAD", "PUT", "OPTIONS"]) {
  test(`${method} is not answered`, async () => {
    const answer = await worker.fetch(request({ method }), {});
    assert.deepEqual([answer.status, answer.headers.get("allow")], [405, "GET, POST, DELETE"]);
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
  test(`a request with ${JSON.stringify(headers)} is no page's of this origin`, async () => {
    assert.equal(await refusal({ headers }), "403 Only pages of this origin are answered.");
  });
}

test("a browser's own page is answered", () => passes({ headers: { "sec-fetch-site": "same-origin", "content-type": "Application/JSON;charset=utf-8" } }));

for (const type of ["text/plain", "application/x-www-form-urlencoded", "text/plain; application/json", "application/jsonp", undefined]) {
  test(`content-type ${type} is not read`, async () => {
    // Without a type of its own, a text would get one.
    const body = new Blob([JSON.stringify(BATCH)]).stream();
    assert.equal(await refusal({ headers: { "content-type": type }, body }), "415 Only content-type application/json is read.");
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
  ["{}", "400 extractionId must be a string that is not empty."],
  ['{"extractionId":"","batchId":"b"}', "400 extractionId must be a string that is not empty."],
  ['{"extractionId":"e"}', "400 batchId must be a string that is not empty."],
  ['{"extractionId":"e","batchId":["b"]}', "400 batchId must be a string that is not empty."],
  ['{"extractionId":"e","batchId":"b","fileId":null}', "400 fileId must be a string that is not empty."],
  ['{"extractionId":"e","batchId":"b","options":{}}', ONLY],
  ['{"extractionId":"e","batchId":"b","__proto__":{"x":1}}', ONLY],
  ['{"classificationId":"c","batchId":"b"}', ONLY],
];
for (const [body, expected] of BODIES) {
  test(`the body ${body || "of nothing"} is refused`, async () => assert.equal(await refusal({ body }), expected));
}

test("a body may be 4 KiB long and not longer, whatever length it announces", async () => {
  const batchOf = (bytes) => {
    const frame = JSON.stringify({ ...BATCH, batchId: "" }).length;
    return JSON.stringify({ ...BATCH, batchId: "b".repeat(bytes - frame) });
  };
  await passes({ body: batchOf(4096) });
  assert.equal(await refusal({ body: batchOf(4097) }), "413 More than 4096 bytes were sent.");
  assert.equal(await refusal({ body: new Blob([batchOf(4097)]).stream(), headers: { "content-length": "64" } }), "413 More than 4096 bytes were sent.");
});

test("a body without end is not read to its end", { timeout: 60_000 }, async () => {
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
  assert.equal(await refusal({ body }), "413 More than 4096 bytes were sent.");
  await cancelled;
  assert.ok(pulled < 20, `${pulled} pieces were read`);
});

const reading = (path, method = "GET") => worker.fetch(new Request(`${ORIGIN}/api/polls/${path}`, { method, headers: { "sec-fetch-site": "same-origin" } }), reading.env);

test("a malformed address, and one that can be no poll's, is 400 or 404", async () => {
  const requested = [];
  reading.env = polls({ status: (id) => void requested.push(id), results: () => assert.fail("no such object is looked for") }).env;
  const long = "x".repeat(1_100);
  for (const id of ["%", "%E0%A4%A", "a%2", long, "%20", "%00", "%C3%A9"]) {
    for (const what of ["", "/events", "/results", "/else"]) assert.ok([400, 404].includes((await reading(`${id}${what}`)).status), `${id}${what}`);
    assert.ok([400, 404].includes((await reading(id, "DELETE")).status), id);
  }
  assert.deepEqual(requested, []);
});

test("results are those of a poll, not of any object in the bucket", async () => {
  const states = { mine: { state: "delivered" }, pending: { state: "polling" } };
  const stored = (key) => ({ body: key });
  reading.env = polls({ status: (id) => states[id], results: stored }).env;
  assert.equal(await (await reading("mine/results")).text(), "mine");
  for (const id of ["pending", "other", "backup.json"]) assert.equal((await reading(`${id}/results`)).status, 404);
});

test("when no more can be taken it is 503, and when to come again", async () => {
  const answer = await worker.fetch(request(), polls({ startOnce: () => ({}) }).env);
  assert.deepEqual([answer.status, answer.headers.get("retry-after")], [503, "60"]);
});

test("a key that is missing or cannot be one is reported by the name of the secret", async () => {
  for (const [key, what] of [[undefined, "is not set"], [" \n", "is not set"], ["ключ", "is not visible ASCII"], ["a b", "is not visible ASCII"]]) {
    const { started, env } = polls();
    const answer = await worker.fetch(request(), { ...env, EXTRACTA_API_KEY: key });
    const message = `The Worker's secret EXTRACTA_API_KEY ${what}: wrangler secret put EXTRACTA_API_KEY`;
    assert.deepEqual([answer.status, await answer.json(), started], [500, { status: "error", message }, []]);
  }
  const { started, env } = polls();
  await worker.fetch(request(), { ...env, EXTRACTA_API_KEY: `${KEY}\n` });
  assert.equal(started.length, 1);
});

test("the key goes over https alone, but to this machine", async () => {
  for (const EXTRACTA_BASE_URL of ["http://api.example/api/v1", "api.example", "", "ftp://127.0.0.1/"]) {
    const answer = await worker.fetch(request(), { ...polls().env, EXTRACTA_BASE_URL });
    const message = "The Worker's variable EXTRACTA_BASE_URL is not an https address.";
    assert.deepEqual([answer.status, await answer.json()], [500, { status: "error", message }], EXTRACTA_BASE_URL);
  }
});
