// What goes to the API and what comes back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { KEY, upstream, worker } from "./upstream.mjs";

const ORIGIN = "https://app.example";

function question(batch = { extractionId: "e", batchId: "b" }, headers = {}) {
  const path = "classificationId" in batch ? "documentClassification/getResults" : "getBatchResults";
  return new Request(`${ORIGIN}/api/extracta/${path}?more=1`, {
    method: "POST",
    headers: { origin: ORIGIN, "content-type": "application/json", ...headers },
    body: JSON.stringify(batch, null, 2),
  });
}

const answers = (status, body, headers = {}) => (response) => response.writeHead(status, headers).end(body);

test("the ids go on with the key, and nothing else of the caller's does", async (t) => {
  const { arrived, env } = await upstream(t, answers(200, "{}", { "content-type": "application/json" }));
  const own = { authorization: "Bearer theirs", cookie: "session=1", "x-own": "1", "x-forwarded-for": "10.0.0.1" };
  await worker.fetch(question({ fileId: "f", batchId: "b", extractionId: "e" }, own), env);
  await worker.fetch(question({ classificationId: "c", batchId: "b" }, own), env);
  const asked = arrived.map(({ method, url, body }) => [method, url, body]);
  assert.deepEqual(asked, [
    ["POST", "/api/v1/getBatchResults", '{"extractionId":"e","batchId":"b","fileId":"f"}'],
    ["POST", "/api/v1/documentClassification/getResults", '{"classificationId":"c","batchId":"b"}'],
  ]);
  for (const { headers } of arrived) {
    assert.equal(headers.authorization, `Bearer ${KEY}`);
    assert.equal(headers["content-type"], "application/json");
    for (const name of ["cookie", "x-own", "x-forwarded-for", "origin"]) assert.equal(headers[name], undefined, name);
  }
});

test("the answer comes back with its status, type and Retry-After, and no other header", async (t) => {
  const headers = { "content-type": "application/json; charset=utf-8", "retry-after": "7", "set-cookie": "a=1", "x-more": "1" };
  const body = '{"status":"error","message":"Too many requests"}';
  const { env } = await upstream(t, answers(429, body, { ...headers, "access-control-allow-origin": "*", "cache-control": "public" }));
  const answer = await worker.fetch(question(), env);
  assert.equal(answer.status, 429);
  assert.deepEqual(Object.fromEntries(answer.headers), {
    "cache-control": "no-store",
    "content-type": "application/json; charset=utf-8",
    "retry-after": "7",
    "x-content-type-options": "nosniff",
  });
  assert.equal(await answer.text(), body);
});

test("an answer is handed on as it arrives", async (t) => {
  const first = `{"files":"${"x".repeat(200)}`;
  let last;
  const { env } = await upstream(t, (response) => {
    response.writeHead(200, { "content-type": "application/json" }).write(first);
    last = () => response.end('"}');
  });
  const reader = (await worker.fetch(question(), env)).body.getReader();
  assert.ok((await reader.read()).value.length > 100, "the first part waits for the last");
  last();
});

test("a key that the API quotes does not come back", async (t) => {
  const { env } = await upstream(t, answers(401, `{"error":"Invalid token ${KEY}"}`, { "content-type": "application/json" }));
  const answer = await worker.fetch(question(), env);
  assert.deepEqual([answer.status, await answer.json()], [401, { error: "Invalid token ***************" }]);
});

test("a redirect is not followed", async (t) => {
  const elsewhere = await upstream(t, answers(200, "{}"));
  for (const status of [301, 302, 303, 307, 308]) {
    const { env } = await upstream(t, answers(status, "", { location: elsewhere.env.EXTRACTA_BASE_URL }));
    const answer = await worker.fetch(question(), env);
    assert.equal(answer.status, 502);
    assert.equal((await answer.json()).message, "The API redirects, which the Worker does not follow. Check the Worker's variable EXTRACTA_BASE_URL.");
    assert.equal(answer.headers.get("location"), null);
  }
  // Who is asked by name comes behind whoever was led there before.
  await worker.fetch(question(), elsewhere.env);
  assert.equal(elsewhere.arrived.length, 1);
});

test("an answer without a body keeps its status", async (t) => {
  const { env } = await upstream(t, answers(204));
  const answer = await worker.fetch(question(), env);
  assert.deepEqual([answer.status, await answer.text()], [204, ""]);
});

test("an API out of reach, and one with an impossible status, are told as 502", async (t) => {
  const { env } = await upstream(t, (response) => response.socket.destroy());
  const answer = await worker.fetch(question(), env);
  assert.deepEqual([answer.status, await answer.json()], [502, { status: "error", message: "The API could not be reached." }]);
  const odd = await worker.fetch(question(), (await upstream(t, answers(999, "{}"))).env);
  assert.deepEqual([odd.status, (await odd.json()).status], [502, "error"]);
});

test("a key that is missing or cannot be one is told by the name of the secret", async (t) => {
  const { arrived, env } = await upstream(t, answers(200, "{}"));
  for (const [key, what] of [[undefined, "is not set"], [" \n", "is not set"], ["ключ", "is not visible ASCII"], ["a b", "is not visible ASCII"]]) {
    const answer = await worker.fetch(question(), { ...env, EXTRACTA_API_KEY: key });
    const message = `The Worker's secret EXTRACTA_API_KEY ${what}: wrangler secret put EXTRACTA_API_KEY`;
    assert.deepEqual([answer.status, await answer.json()], [500, { status: "error", message }]);
  }
  assert.deepEqual(arrived, []);
  await worker.fetch(question(), { ...env, EXTRACTA_API_KEY: `${KEY}\n` });
  assert.equal(arrived[0].headers.authorization, `Bearer ${KEY}`);
});

test("the key goes over https alone, but to this machine", async () => {
  for (const EXTRACTA_BASE_URL of ["http://api.example/api/v1", "api.example", "", "ftp://127.0.0.1/"]) {
    const answer = await worker.fetch(question(), { EXTRACTA_API_KEY: KEY, EXTRACTA_BASE_URL });
    const message = "The Worker's variable EXTRACTA_BASE_URL is not an https address.";
    assert.deepEqual([answer.status, await answer.json()], [500, { status: "error", message }], EXTRACTA_BASE_URL);
  }
});

test("without EXTRACTA_BASE_URL the API itself is asked", async (t) => {
  const fetched = t.mock.method(globalThis, "fetch", async () => Response.json({}));
  await worker.fetch(question(), { EXTRACTA_API_KEY: KEY });
  assert.equal(fetched.mock.calls[0].arguments[0], "https://api.extracta.ai/api/v1/getBatchResults");
});
