// The proxy between pages and the API: who is let in, and what goes through.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { createProxy } from "extracta-wasm/proxy";
import { api, ask, done, doneAt, FLOOR_MS, listen, proxied, pageRequest, waiting } from "./proxies.mjs";
import { classification, extraction, newToken, NOWHERE } from "./standin.mjs";

const OWN_HEADERS = { "cache-control": "no-store", "content-type": "application/json", vary: "prefer", "x-content-type-options": "nosniff" };

test("the ids go up with the key, and nothing else of the visitor's", async () => {
  const upstream = api(doneAt(1));
  const token = newToken();
  const proxy = proxied(upstream, { token });
  const headers = { authorization: "Bearer theirs", cookie: "session=1", "x-own": "1", "x-forwarded-for": "10.0.0.1" };
  await ask(proxy, { fileId: "f", ...extraction("b") }, { headers, path: "getBatchResults?more=1" });
  await ask(proxy, classification("b"), { headers });
  const requested = upstream.arrived.map(({ url, init: { method, body, redirect } }) => [url, method, body, redirect]);
  assert.deepEqual(requested, [
    [`${NOWHERE}/getBatchResults`, "POST", '{"extractionId":"any-extraction","batchId":"b","fileId":"f"}', "manual"],
    [`${NOWHERE}/documentClassification/getResults`, "POST", '{"classificationId":"any-classification","batchId":"b"}', "manual"],
  ]);
  for (const { init } of upstream.arrived) assert.deepEqual(init.headers, { authorization: `Bearer ${token}`, "content-type": "application/json" });
});

test("the body comes back as it is, with its status, a type of two, and the headers named", async () => {
  const body = ' {"files":[ {"fileId":"f1","status":"processed","n":1.0} ],"__proto__":{"a":1}}';
  const more = { "set-cookie": "a=1", "x-more": "1", "access-control-allow-origin": "*", "cache-control": "public" };
  const upstream = api(() => new Response(body, { headers: { "content-type": "Application/JSON; charset=utf-8", ...more } }));
  const answer = await ask(proxied(upstream), extraction("b"));
  assert.deepEqual([answer.status, answer.text], [200, body]);
  const { "extracta-state": state, ...headers } = answer.headers;
  assert.deepEqual(headers, OWN_HEADERS);
  assert.match(state, /^[\w-]{3,64}$/);

  const page = api(() => new Response("<script>alert(1)</script>", { status: 404, headers: { "content-type": "text/html" } }));
  const refused = await ask(proxied(page), extraction("b"));
  assert.deepEqual([refused.status, refused.headers["content-type"], refused.text], [404, "text/plain; charset=utf-8", "<script>alert(1)</script>"]);
  assert.equal(refused.headers["extracta-state"], undefined);
});

test("what the API refuses is passed on, and Retry-After as whole seconds", async () => {
  const answers = {
    "seconds": [503, { "retry-after": "7" }, "7"],
    // From when it is answered.
    "a date": [503, { get "retry-after"() { return new Date(Date.now() + 60_000).toUTCString(); } }, /^(59|60)$/],
    "none": [500, {}, "1"],
    "nonsense": [500, { "retry-after": "soon\u00e9" }, "1"],
    "final": [403, {}, undefined],
  };
  for (const [name, [status, headers, expected]] of Object.entries(answers)) {
    const upstream = api(() => Response.json({ status: "error", message: name }, { status, headers }));
    const answer = await ask(proxied(upstream), extraction("b"));
    assert.deepEqual([answer.status, answer.json.message], [status, name]);
    const after = answer.headers["retry-after"];
    if (expected instanceof RegExp) assert.match(after, expected);
    else assert.equal(after, expected, name);
  }
});

test("redirects are not followed, and an API out of reach or with an impossible status is 502", async () => {
  const answers = [
    [() => new Response(null, { status: 302, headers: { location: "https://elsewhere.example/" } }), 502, /redirects/],
    [() => Promise.reject(new TypeError("connect ECONNREFUSED 10.0.0.1:443")), 502, /could not be/],
    [() => ({ toString: undefined, status: 999 }) && Object.assign(Object.create(Response.prototype), {}), 502, /could not be/],
  ];
  for (const [reply, status, message] of answers) {
    const answer = await ask(proxied(api(reply)), extraction("b"));
    assert.equal(answer.status, status);
    assert.match(answer.json.message, message);
    assert.equal(answer.headers.location, undefined);
    assert.ok(!answer.text.includes("10.0.0.1"));
  }
});

test("a request that takes too long is 504", async () => {
  const upstream = api(({ init }) => new Promise((_, reject) => init.signal.addEventListener("abort", () => reject(init.signal.reason))));
  const answer = await ask(proxied(upstream, { requestTimeoutMs: 30 }), extraction("b"));
  assert.equal(answer.status, 504);
});

test("the key does not come back, however it is quoted", async () => {
  const token = `k+y/${newToken()}"\\&%<é>`.replace("é", "").replace("<", "").replace(">", "").replaceAll(" ", "");
  const spelled = (how) => [...token].map(how).join("");
  const hexOf = (char) => char.charCodeAt(0).toString(16).padStart(2, "0");
  const once = {
    plain: token,
    json: JSON.stringify(token).slice(1, -1),
    unicode: spelled((char) => `\\u00${hexOf(char)}`),
    "upper-case unicode": spelled((char) => `\\u00${hexOf(char).toUpperCase()}`),
    percent: encodeURIComponent(token),
    "all percent": spelled((char) => `%${hexOf(char)}`),
    decimal: spelled((char) => `&#${char.charCodeAt(0)};`),
    hexadecimal: spelled((char) => `&#x000${hexOf(char)};`),
    named: token.replaceAll("&", "&amp;").replaceAll('"', "&quot;"),
    base64: btoa(token),
    "base64 of the header": btoa(`Bearer ${token}`),
    "base64 of user and key": btoa(`:${token}`),
    base64url: btoa(`x${token}`).replaceAll("+", "-").replaceAll("/", "_"),
    hex: Buffer.from(token).toString("hex"),
    "upper-case hex": Buffer.from(token).toString("hex").toUpperCase(),
  };
  const all = { ...once };
  for (const [name, text] of Object.entries(once)) {
    all[`percent of ${name}`] = encodeURIComponent(text);
    all[`JSON of ${name}`] = JSON.stringify(text).slice(1, -1);
    all[`JSON of JSON of ${name}`] = JSON.stringify(JSON.stringify(text)).slice(1, -1);
    all[`HTML of ${name}`] = text.replaceAll("&", "&amp;").replaceAll('"', "&#34;");
    all[`six times percent of ${name}`] = [1, 2, 3, 4, 5, 6].reduce((inner) => encodeURIComponent(inner), text);
  }
  // What is left of a key in base64 is less than a letter at each end.
  const core = btoa(token).slice(4, -6);
  for (const [name, text] of Object.entries(all)) {
    const upstream = api(() => new Response(`<p>before ${text} behind</p>`, { status: 401, headers: { "content-type": "text/html", "retry-after": token, "x-key": token } }));
    const answer = await ask(proxied(upstream, { token, baseUrl: `${NOWHERE}/${encodeURIComponent(name)}` }), extraction("b"));
    assert.match(answer.text, /^<p>before .*\*\*\*.* behind<\/p>$/, name);
    // In base64 the word before the key is none, but is masked by nobody.
    const left = answer.text.replace("QmVhcmVyIG", "").length - "<p>before *** behind</p>".length;
    assert.ok(left <= (name.startsWith("six times") ? 40 : 8), `${name}: ${answer.text}`);
    assert.ok(!answer.text.includes(core) && !JSON.stringify(answer.headers).includes(token), name);
  }
});

test("a body without the key passes unchanged, whatever escapes are in it", async () => {
  const texts = ['{"a":"\\u0041\\n\\"%41&amp;&#65;\\\\"}', "%".repeat(5_000), "&#".repeat(5_000), "\\".repeat(5_001), `"${"\\u00".repeat(3_000)}`];
  for (const text of texts) {
    const upstream = api(() => new Response(text, { status: 400, headers: { "content-type": "text/plain" } }));
    assert.equal((await ask(proxied(upstream), extraction("b"))).text, text);
  }
});

test("only POST to the two paths leads on, and only pages of the same origin are answered", async () => {
  const upstream = api(doneAt(1));
  const proxy = createProxy({ token: newToken(), baseUrl: NOWHERE, fetch: upstream.fetch });
  const refusals = [
    [404, { path: "uploadFiles" }],
    [404, { path: "documentClassification/getBatchResults/" }],
    [404, { path: "xgetBatchResults" }],
    [404, { path: "%" }],
    [405, { method: "GET" }],
    [405, { method: "OPTIONS" }],
    [403, { headers: { "sec-fetch-site": "cross-site" } }],
    [403, { headers: { "sec-fetch-site": "same-site" } }],
    [403, { headers: { "sec-fetch-site": "none" } }],
    [403, { headers: { "sec-fetch-site": undefined } }],
    [403, { headers: { "sec-fetch-site": undefined, origin: "https://evil.example", host: "app.example" } }],
    [403, { headers: { "sec-fetch-site": undefined, origin: "null", host: "null" } }],
    [403, { headers: { "sec-fetch-site": undefined, origin: "https://app.example:8443", host: "app.example" } }],
    [403, { headers: { "sec-fetch-site": "cross-site", origin: "https://app.example", host: "app.example" } }],
    [415, { headers: { "content-type": "text/plain" } }],
    [415, { headers: { "content-type": "application/json-patch+json" } }],
    [415, { headers: { "content-type": "" } }],
  ];
  for (const [status, how] of refusals) {
    const answer = await ask(proxy, extraction("refused"), how);
    assert.equal(answer.status, status, JSON.stringify(how));
    assert.equal(answer.json.status, "error");
    assert.equal(answer.headers["access-control-allow-origin"], undefined);
  }
  assert.deepEqual(upstream.arrived, []);
});

test("behind a server that ends TLS, pages are known by the host alone", async () => {
  const proxy = createProxy({ token: newToken(), baseUrl: NOWHERE, minIntervalMs: 0, fetch: api(doneAt(1)).fetch });
  const hosts = [
    ["https://app.example", "app.example"],
    ["https://app.example", "app.example:443"],
    ["http://localhost:3000", "localhost:3000"],
    ["https://[::1]:8443", "[::1]:8443"],
  ];
  for (const [origin, host] of hosts) {
    const request = new Request(`http://10.0.0.7/api/getBatchResults`, {
      method: "POST",
      headers: { "content-type": "application/json; charset=utf-8", origin, host },
      body: JSON.stringify(extraction(host)),
    });
    assert.equal((await proxy(request)).status, 200, host);
  }
});

test("nothing but ids is taken, and not too long ones", async () => {
  const upstream = api(doneAt(1));
  const proxy = proxied(upstream);
  const bodies = ["", "null", "[]", "7", '"a"', "{", "{}", '{"extractionId":"e"}', '{"extractionId":"e","batchId":7}', '{"extractionId":"","batchId":"b"}'];
  bodies.push('{"extractionId":"e","batchId":"b","more":1}', '{"classificationId":"e","batchId":"b"}', '{"extractionId":"e","batchId":"b","fileId":null}');
  bodies.push('{"__proto__":{"extractionId":"e"},"batchId":"b"}', '{"constructor":1,"extractionId":"e","batchId":"b"}');
  bodies.push(JSON.stringify(extraction("é".repeat(129))));
  for (const body of bodies) assert.equal((await ask(proxy, extraction("b"), { body })).status, 400, body);
  assert.equal((await ask(proxy, extraction("b"), { body: JSON.stringify(extraction("b".repeat(5_000))) })).status, 413);
  assert.deepEqual(upstream.arrived, []);
  assert.equal((await ask(proxy, extraction("é".repeat(128)))).status, 200);
});

test("a body without end is given up at 4 096 bytes, and one that is slow after 10 seconds", async (t) => {
  const proxy = proxied(api(doneAt(1)));
  let pulled = 0;
  let cancelled = 0;
  const chunk = new Uint8Array(1_024).fill(0x20);
  const endless = new ReadableStream({ pull: (controller) => (pulled++, controller.enqueue(chunk)), cancel: () => void cancelled++ }, { highWaterMark: 0 });
  assert.equal((await ask(proxy, extraction("b"), { body: endless })).status, 413);
  assert.ok(pulled <= 6 && cancelled === 1, `${pulled} chunks`);
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const slow = new ReadableStream({ start: (controller) => controller.enqueue(chunk), cancel: () => void cancelled++ });
  const answer = ask(proxy, extraction("b"), { body: slow });
  await new Promise((resolve) => setImmediate(resolve));
  t.mock.timers.tick(10_000);
  assert.equal((await answer).status, 408);
  assert.equal(cancelled, 2);
});

test("authorize sees each request and batch, also where the answer is there already", async () => {
  const upstream = api(doneAt(1));
  const seen = [];
  const verdicts = { mine: true, theirs: false, later: new Response("pay first", { status: 402 }), named: "somebody" };
  const authorize = async (request, batch) => {
    seen.push([request.headers.get("cookie"), batch]);
    return verdicts[batch.batchId];
  };
  // So long is an answer there already.
  const proxy = proxied(upstream, { authorize, minIntervalMs: 3_000 });
  for (const [batchId, status] of [["named", 200], ["mine", 200], ["mine", 200], ["theirs", 403], ["later", 402]]) {
    const answer = await ask(proxy, extraction(batchId), { headers: { cookie: batchId } });
    assert.equal(answer.status, status, batchId);
    assert.deepEqual(seen.at(-1), [batchId, extraction(batchId)]);
  }
  assert.equal(seen.length, 5);
  assert.deepEqual(upstream.arrived.map(({ ids }) => ids.batchId), ["named", "mine"]);
  // Programs are its affair, pages of other origins never.
  assert.equal((await ask(proxy, extraction("mine"), { headers: { "sec-fetch-site": undefined } })).status, 200);
  assert.equal((await ask(proxy, extraction("mine"), { headers: { "sec-fetch-site": "cross-site" } })).status, 403);
  await assert.rejects(ask(proxied(upstream, { authorize: () => undefined }), extraction("b")), /authorize must return/);
  const fault = new Error("no database");
  await assert.rejects(ask(proxied(upstream, { authorize: () => Promise.reject(fault) }), extraction("b")), fault);
});

test("options that are not what they must be are reported at once", () => {
  const token = "k";
  for (const options of [undefined, null, 7, {}, { baseUrl: NOWHERE }]) assert.throws(() => createProxy(options), TypeError);
  for (const [options, message] of [
    [{ token, maxHeldMs: 1 }, /"maxHeldMs" is not an option/],
    [{ token, maxHeld: 0 }, /maxHeld/],
    [{ token, maxHeld: 1.5 }, /maxHeld/],
    [{ token, maxHoldMs: -1 }, /maxHoldMs/],
    [{ token, maxHoldMs: Infinity }, /maxHoldMs/],
    [{ token, authorize: "all" }, /authorize/],
    [{ token: "a b" }, /token/],
    [{ token, minIntervalMs: 100 }, /minIntervalMs/],
    [{ token, baseUrl: "ftp://x/" }, /baseUrl/],
    [{ token, fetch: 7 }, /fetch/],
  ]) {
    assert.throws(() => createProxy(options), message);
  }
});

test("a token function is called for each request, and what it throws is nobody's to read", async () => {
  const upstream = api(({ init, ids }) => (init.headers.authorization === "Bearer second" ? done(ids) : Response.json({ error: "no" }, { status: 401 })));
  const tokens = ["first", "second"];
  const requested = [];
  const proxy = proxied(upstream, { token: async (context) => (requested.push(context), tokens[requested.length - 1]) });
  assert.equal((await ask(proxy, extraction("b"))).status, 200);
  assert.deepEqual(requested, [{ forceRefresh: false }, { forceRefresh: true }]);
  const failing = proxied(upstream, { token: () => Promise.reject(new Error("vault at 10.0.0.9 is sealed")) });
  const answer = await ask(failing, extraction("b"));
  assert.equal(answer.status, 502);
  assert.ok(!answer.text.includes("vault"));
});

test("as a handler of node:http it answers pages, distinguishes visitors by their address, and learns of those who leave", async (t) => {
  const upstream = api(({ ids }) => waiting(ids));
  const proxy = createProxy({ token: newToken(), baseUrl: NOWHERE, minIntervalMs: FLOOR_MS, fetch: upstream.fetch, maxHoldMs: 60_000 });
  const contexts = [];
  const port = await listen(t, (request, context) => (contexts.push(context), proxy(request, context)));
  const address = `http://127.0.0.1:${port}/any/where/getBatchResults?x=1`;
  const page = { method: "POST", headers: { "content-type": "application/json", origin: `http://127.0.0.1:${port}` }, body: JSON.stringify(extraction("b")) };
  const answer = await fetch(address, page);
  assert.deepEqual([answer.status, await answer.json()], [200, waiting(extraction("b"))]);
  assert.equal(contexts[0].visitor, "127.0.0.1");
  assert.equal((await fetch(address, { ...page, headers: { ...page.headers, origin: "https://evil.example" } })).status, 403);
  assert.equal((await fetch(address)).status, 405);

  const controller = new AbortController();
  const prefer = `wait=60; since="${answer.headers.get("extracta-state")}"`;
  const before = contexts.length;
  const held = fetch(address, { ...page, headers: { ...page.headers, prefer }, signal: controller.signal });
  while (contexts.length === before) await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 5 * FLOOR_MS));
  controller.abort();
  await assert.rejects(held);
  while (!contexts.at(-1).signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
  const made = upstream.arrived.length;
  await new Promise((resolve) => setTimeout(resolve, 5 * FLOOR_MS));
  assert.equal(upstream.arrived.length, made, "no request is sent for nobody");
});

test("a gigabyte is not read", async (t) => {
  const port = await listen(t, proxied(api(doneAt(1))));
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  socket.write(`POST /getBatchResults HTTP/1.1\r\nHost: a\r\nsec-fetch-site: same-origin\r\ncontent-type: application/json\r\ncontent-length: 1073741824\r\n\r\n`);
  let answer = "";
  socket.on("data", (data) => (answer += data));
  await new Promise((resolve) => socket.on("close", resolve));
  assert.match(answer, /^HTTP\/1\.1 413 /);

  const chunked = connect(port, "127.0.0.1").on("error", () => {});
  chunked.write(`POST /getBatchResults HTTP/1.1\r\nHost: a\r\nsec-fetch-site: same-origin\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`);
  let [reported, isOpen] = ["", true];
  chunked.on("data", (data) => (reported += data));
  chunked.on("close", () => (isOpen = false));
  const chunk = `10000\r\n${" ".repeat(65_536)}\r\n`;
  while (isOpen) {
    if (!chunked.write(chunk)) await Promise.race([new Promise((resolve) => chunked.once("drain", resolve)), new Promise((resolve) => chunked.once("close", resolve))]);
    else await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(chunked.bytesWritten < 64 * 1_048_576, `${chunked.bytesWritten} bytes were taken`);
  assert.ok(reported === "" || reported.startsWith("HTTP/1.1 413 "));
});

test("a request that is not a page's, but names a visitor, is that visitor's", async () => {
  const named = pageRequest(extraction("b"), { visitor: "v" });
  assert.equal((await proxied(api(doneAt(1)))(named)).status, 200);
});
