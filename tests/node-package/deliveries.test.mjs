// Deliveries of durable polls, as a receiver in Node verifies them.
import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { Readable } from "node:stream";
import { test } from "node:test";
import { verifyDelivery } from "extracta-wasm/webhooks";
import { rejection } from "./standin.mjs";

const key = randomBytes(32);
const SECRET = `whsec_${key.toString("base64")}`;
const DELIVERED = { id: "mine", batch: { extractionId: "e", batchId: "b" }, results: { done: true, files: [] } };

const signatureOf = (id, timestamp, body) => `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64")}`;

function sent({ body = JSON.stringify(DELIVERED), timestamp = String(Math.floor(Date.now() / 1000)), signature = signatureOf("mine", timestamp, body), ...more } = {}) {
  return { headers: { "webhook-id": "mine", "webhook-timestamp": timestamp, "webhook-signature": signature }, body, ...more };
}

/** A body that nobody may read. */
const unread = { [Symbol.asyncIterator]: () => assert.fail("somebody read it") };

test("it is verified however a server hands it over, imported or required", async () => {
  const required = createRequire(import.meta.url)("extracta-wasm/webhooks").verifyDelivery;
  const { headers, body } = sent();
  for (const verify of [verifyDelivery, required]) {
    for (const way of [
      { headers, body },
      { headers: { "Webhook-Id": headers["webhook-id"], "Webhook-Timestamp": headers["webhook-timestamp"], "Webhook-Signature": headers["webhook-signature"] }, body: Buffer.from(body) },
      new Request("https://app.example/", { method: "POST", headers, body }),
      Object.assign(Readable.from([Buffer.from(body.slice(0, 7)), Buffer.from(body.slice(7))]), { headers }),
    ]) {
      assert.deepEqual(await verify(way, SECRET), DELIVERED);
    }
  }
});

test("what the headers tell to be wrong costs no look at the body", async () => {
  for (const headers of [
    {},
    { "webhook-signature": "" },
    { "webhook-timestamp": "soon" },
    { "webhook-timestamp": "1614265330" },
    { "webhook-signature": "v1,AAAA" },
    { "webhook-signature": "v2,soon" },
    { "webhook-signature": Array(100).fill("v1,AAAA").join(" ") },
  ]) {
    const right = sent().headers;
    assert.equal(await verifyDelivery({ headers: Object.keys(headers).length ? { ...right, ...headers } : headers, body: unread }, SECRET), undefined, JSON.stringify(headers));
  }
});

test("a body is read up to a limit", async () => {
  let read = 0;
  const endless = { async *[Symbol.asyncIterator]() {
    for (;;) {
      read++;
      yield new Uint8Array(1_000);
    }
  } };
  const { headers, body } = sent();
  assert.equal((await rejection(verifyDelivery({ headers, body: endless }, SECRET, { maxBodyBytes: 10_000 }))).code, "TOO_LARGE");
  assert.equal(read, 11);
  assert.equal((await rejection(verifyDelivery({ headers: { ...headers, "content-length": "25000001" }, body: unread }, SECRET))).code, "TOO_LARGE");
  assert.deepEqual(await verifyDelivery({ headers, body }, SECRET, { maxBodyBytes: body.length }), DELIVERED);
});

test("however many signatures are offered, one is computed, and the first eight are compared", async (t) => {
  const imported = t.mock.method(crypto.subtle, "importKey");
  const signed = t.mock.method(crypto.subtle, "sign");
  const verified = t.mock.method(crypto.subtle, "verify");
  const wrong = `v1,${randomBytes(32).toString("base64")}`;
  // A signature is of its second, which may end meanwhile.
  const { "webhook-signature": right, "webhook-timestamp": timestamp } = sent().headers;
  const offered = (before) => verifyDelivery(sent({ timestamp, signature: [...Array(before).fill(wrong), right].join(" ") }), SECRET);
  for (const [before, wanted] of [[0, DELIVERED], [7, DELIVERED], [8, undefined], [10_000, undefined]]) {
    assert.deepEqual(await offered(before), wanted, `${before} wrong ones`);
  }
  assert.deepEqual([signed, verified].map(({ mock }) => mock.callCount()), [4, 0]);
  assert.ok(imported.mock.callCount() <= 1, "the key of a secret is made once");
});

test("a secret with a space or line break, and impossible options, are reported", async () => {
  for (const secret of [`${SECRET}\n`, ` ${SECRET}`, SECRET.replace("_", "_ "), `${SECRET}\r\n`]) {
    await assert.rejects(verifyDelivery(sent(), secret), { name: "TypeError", message: /has a space or a line break: trim/ });
  }
  for (const options of [{ toleranceMs: NaN }, { toleranceMs: -1 }, { toleranceMs: "x" }, { maxBodyBytes: 0 }, { maxBodyBytes: Infinity }, { maxBodyBytes: 1.5 }]) {
    await assert.rejects(verifyDelivery(sent(), SECRET, options), { name: "TypeError", message: /^(toleranceMs|maxBodyBytes) must be/ });
  }
});
