// Uploads through the proxy: who may, the key added, the files as they come, sent once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ExtractaClient, isExtractaError } from "extracta-wasm";
import { createProxy } from "extracta-wasm/proxy";
import { listen } from "./proxies.mjs";
import { fast, newToken, NOWHERE, rejection, severalFloors } from "./standin.mjs";
import { bytesOf, filesOf, HEBREW, LARGE, listed, uploadsOf } from "./uploaded.mjs";

const INVOICES = { extractionId: "invoices" };
const TYPE = "multipart/form-data; boundary=x";

/** A client without a key behind a proxy on a server of its own, and the account behind that. */
async function served(t, options) {
  const account = fast();
  const proxy = createProxy({ ...account, authorize: () => true, uploads: () => true, ...options });
  // On a busy machine the server may close an idle connection in the moment in which the next upload goes out on it.
  const port = await listen(t, proxy, { keepAliveTimeout: 300_000 });
  const client = new ExtractaClient({ baseUrl: `http://127.0.0.1:${port}/api/extracta` });
  return { account, client };
}

/** What an API of the test was sent, and what it answers. */
function api(reply = () => Response.json({ extractionId: "e", batchId: "b" })) {
  const arrived = [];
  const fetch = async (url, init) => {
    arrived.push({ url, init });
    return reply(init);
  };
  return { fetch, arrived };
}

function upload(proxy, { headers, body = "--x--", path = "uploadFiles", method = "POST" } = {}) {
  const all = { "content-type": TYPE, "sec-fetch-site": "same-origin", ...headers };
  const sent = method === "GET" ? undefined : body;
  return proxy(new Request(`https://app.example/api/extracta/${path}`, { method, headers: all, body: sent, duplex: "half" }));
}

const proxyOf = ({ fetch }, options) => createProxy({ token: newToken(), baseUrl: NOWHERE, fetch, uploads: true, ...options });

test("from a file to its fields through the proxy: a stream, a name in Hebrew, 50 MB", async (t) => {
  const { account, client } = await served(t);
  const bytes = bytesOf(LARGE);
  const pieces = function* () {
    for (let at = 0; at < LARGE; at += 1_000_000) yield bytes.subarray(at, at + 1_000_000);
  };
  const large = { name: HEBREW, data: ReadableStream.from(pieces()) };
  const { files } = await client.extract(INVOICES, [new File([bytesOf(1_000)], "a.pdf"), large]);
  assert.deepEqual(files.map(({ fileName, status }) => [fileName, status]), [["a.pdf", "processed"], [HEBREW, "processed"]]);
  assert.deepEqual((await uploadsOf(account)).map(filesOf), [[listed("a.pdf", bytesOf(1_000)), listed(HEBREW, bytes)]]);
  const classified = await client.classify({ classificationId: "inbox" }, new File(["x"], "b.pdf"));
  assert.equal(classified.files.length, 1);
});

test("what fails behind the proxy says that files may have arrived, and is sent once", async (t) => {
  const { account, client } = await served(t, { uploadTimeoutMs: 5_000 });
  const ends = { "upload-http-413": false, "upload-http-500": true, "upload-cut": true, "upload-cut-reply": true, "upload-never": true };
  for (const [extractionId, mayHaveArrived] of Object.entries(ends)) {
    const error = await rejection(client.uploadFiles({ extractionId }, new File([bytesOf(300_000)], "a.pdf")));
    assert.ok(isExtractaError(error), String(error));
    assert.equal(error.filesMayHaveArrived, mayHaveArrived, extractionId);
  }
  await severalFloors();
  assert.equal((await uploadsOf(account)).length, Object.keys(ends).length, "each is sent once");
});

test("the key and the type go up, and nothing else of the visitor's; the ids come down, without the key", async () => {
  const token = newToken();
  const upstream = api(() => Response.json({ extractionId: "e", batchId: "b", note: `for ${token}` }, { headers: { "set-cookie": "a=1" } }));
  const response = await upload(proxyOf(upstream, { token }), { headers: { authorization: "Bearer theirs", cookie: "session=1", "x-own": "1" } });
  const [{ url, init }] = upstream.arrived;
  assert.equal(url, `${NOWHERE}/uploadFiles`);
  assert.deepEqual(init.headers, { authorization: `Bearer ${token}`, "content-type": TYPE });
  assert.equal(await new Response(init.body).text(), "--x--");
  assert.deepEqual(await response.json(), { extractionId: "e", batchId: "b", note: "for ***" });
  assert.deepEqual([...response.headers.keys()].sort(), ["cache-control", "content-type", "vary", "x-content-type-options"]);
});

test("who may not upload sends nothing: by default nobody, then pages of the proxy's own origin, then who is let in", async () => {
  const upstream = api();
  const cases = [
    [404, { uploads: undefined }, {}],
    [405, {}, { method: "GET" }],
    [403, {}, { headers: { "sec-fetch-site": "cross-site" } }],
    [403, { uploads: () => true }, { headers: { "sec-fetch-site": "same-site" } }],
    [403, {}, { headers: { "sec-fetch-site": undefined } }],
    [403, { uploads: async () => false }, {}],
    [402, { uploads: () => new Response(null, { status: 402 }) }, {}],
    [415, {}, { headers: { "content-type": "application/json" } }],
    [415, {}, { headers: { "content-type": "multipart/form-data; boundary=x\u00e9" } }],
    [413, { maxUploadBytes: 4 }, { headers: { "content-length": "5" } }],
  ];
  for (const [status, options, how] of cases) {
    const headers = Object.fromEntries(Object.entries({ "sec-fetch-site": "same-origin", ...how.headers }).filter(([, value]) => value !== undefined));
    const requested = new Request("https://app.example/uploadFiles", { method: how.method ?? "POST", headers: { "content-type": TYPE, ...headers }, body: how.method ? undefined : "--x--" });
    assert.equal((await proxyOf(upstream, options)(requested)).status, status, JSON.stringify([status, how]));
  }
  assert.deepEqual(upstream.arrived, []);
  await assert.rejects(upload(proxyOf(upstream, { uploads: () => "somebody" })), /uploads must return true, false or a Response/);
  for (const options of [{ uploads: 1 }, { maxUploadBytes: 0 }, { maxUploadBytes: 1.5 }, { uploadTimeoutMs: Infinity }]) {
    assert.throws(() => proxyOf(upstream, options), new RegExp(Object.keys(options)[0]));
  }
});

test("files are never kept: no more is read than the API takes, and no more passes than is allowed", async () => {
  let pulled = 0;
  const counted = () => {
    pulled = 0;
    const pull = (controller) => {
      pulled += 1;
      controller.enqueue(new Uint8Array(1_000));
    };
    return new ReadableStream({ pull }, { highWaterMark: 0 });
  };
  let taken;
  const idle = api(async ({ body, signal }) => {
    const reader = body.getReader();
    for (let piece = 0; piece < 5; piece++) await reader.read();
    taken = pulled;
    await severalFloors();
    assert.ok(pulled <= taken + 3, `${pulled - taken} pieces were read that nobody took`);
    signal.throwIfAborted();
    return Response.json({ extractionId: "e", batchId: "b" });
  });
  assert.equal((await upload(proxyOf(idle), { body: counted() })).status, 200);
  assert.ok(taken >= 5 && taken <= 8, `${taken} pieces`);

  const greedy = api(async ({ body }) => {
    for await (const _ of body);
    return Response.json({});
  });
  const response = await upload(proxyOf(greedy, { maxUploadBytes: 10_000 }), { body: counted() });
  assert.equal(response.status, 413);
  assert.ok(pulled <= 14, `${pulled} pieces`);
});
