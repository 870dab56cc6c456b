// What it costs to refuse a forged delivery, counted: bytes that are hashed, copied and parsed. What it costs in time, relative to
// hashing the body, `node benches/refusals.mjs` measures.
import assert from "node:assert/strict";
import { test } from "node:test";
import { verifyDelivery, verifyWebhook } from "extracta-wasm/webhooks";
import { SECRET } from "./webhook-sender.mjs";

/** A well-formed signature that is not right. */
const FORGED = `${"A".repeat(43)}=`;
/** The most that is read of a body beside its list, each way. */
const MOST_AROUND = 16_384;

const bodyOf = (size) => {
  const entry = '{"extractionId":"e","batchId":"b","status":"processed","result":{"total":"12.50"}}';
  const entries = Array(Math.ceil(size / entry.length)).fill(entry).join(",");
  return new TextEncoder().encode(`{"event":"extraction.processed","result":[${entries}]}`);
};

const WAYS = {
  "bytes": (body) => body,
  "one piece": (body) => new Blob([body]).stream(),
  "pieces of a kilobyte": (body) => ReadableStream.from((function* () {
    for (let from = 0; from < body.length; from += 1_024) yield body.subarray(from, from + 1_024);
  })()),
  "single bytes": (body) => (async function* () {
    for (let from = 0; from < body.length; from += 1) yield body.subarray(from, from + 1);
  })(),
};

/** What `run` has WebCrypto hash, copies from one list of bytes to another, and parses. */
async function costOf(run) {
  const { subtle } = crypto;
  // Which of their arguments is what they hash.
  const hashing = { importKey: [], digest: [1], verify: [3], sign: [2] };
  const calls = {};
  const cost = { calls, hashed: 0, copied: 0, parsed: 0, decoded: 0 };
  const restores = [];
  const wrap = (object, name, count) => {
    const original = object[name];
    const isOwn = Object.hasOwn(object, name);
    Object.defineProperty(object, name, {
      configurable: true,
      writable: true,
      value(...all) {
        count(...all);
        return Reflect.apply(original, this, all);
      },
    });
    restores.push(() => (isOwn ? Object.defineProperty(object, name, { configurable: true, writable: true, value: original }) : delete object[name]));
  };
  for (const [name, [data]] of Object.entries(hashing)) {
    wrap(subtle, name, (...all) => {
      calls[name] = (calls[name] ?? 0) + 1;
      if (data !== undefined) cost.hashed += all[data].byteLength;
    });
  }
  wrap(Object.getPrototypeOf(Uint8Array.prototype), "set", ({ length }) => void (cost.copied += length));
  wrap(JSON, "parse", ({ length }) => void (cost.parsed += length));
  wrap(TextDecoder.prototype, "decode", ({ length } = { length: 0 }) => void (cost.decoded += length));
  try {
    await run();
  } finally {
    for (const restore of restores.reverse()) restore();
  }
  return cost;
}

for (const size of [200, 10_000, 900_000, 4_900_000]) {
  for (const [way, given] of Object.entries(WAYS)) {
    if (way === "single bytes" && size > 10_000) continue; // They take the test's time, not the receiver's.
    const body = bodyOf(size);

    test(`a forged webhook of ${size} bytes, given as ${way}, is hashed once, copied three times at the most, and not parsed`, async () => {
      const refuse = () => assert.rejects(verifyWebhook({ headers: { "x-webhook-signature": FORGED }, body: given(body) }, { secret: SECRET }), { code: "SIGNATURE_MISMATCH" });
      await refuse(); // From the second on the secret's key is there.
      const { calls, hashed, copied, parsed, decoded } = await costOf(refuse);
      assert.deepEqual(calls, { verify: 1 });
      assert.ok(hashed <= body.length, `${hashed} bytes hashed`);
      assert.ok(copied <= 3 * body.length, `${copied} bytes copied`);
      // The names of the outermost members, and the event's.
      assert.ok(Math.max(parsed, decoded) < 100, `${parsed} letters parsed, ${decoded} bytes decoded`);
    });

    test(`a forged webhook of ${size} bytes that says its length, given as ${way}, is copied ${size > 1_000_000 ? "three times" : "once"} at the most`, async () => {
      const headers = { "x-webhook-signature": FORGED, "content-length": String(body.length) };
      const refuse = () => assert.rejects(verifyWebhook({ headers, body: given(body) }, { secret: SECRET }), { code: "SIGNATURE_MISMATCH" });
      const { copied } = await costOf(refuse);
      assert.ok(copied <= (size > 1_000_000 ? 3 : 1) * body.length + 100, `${copied} bytes copied`);
    });

    test(`a forged delivery of ${size} bytes, given as ${way}, is hashed once, copied four times at the most, and not parsed`, async () => {
      const secret = `whsec_${Buffer.alloc(32, 9).toString("base64")}`;
      const headers = () => ({ "webhook-id": "i", "webhook-timestamp": String(Math.floor(Date.now() / 1_000)), "webhook-signature": `v1,${FORGED}` });
      const refuse = async () => assert.equal(await verifyDelivery({ headers: headers(), body: given(body) }, secret), undefined);
      await refuse();
      const { calls, hashed, copied, parsed, decoded } = await costOf(refuse);
      assert.deepEqual(calls, { sign: 1 });
      assert.ok(hashed <= body.length + 100, `${hashed} bytes hashed`);
      assert.ok(copied <= 4 * body.length + 100, `${copied} bytes copied`);
      assert.deepEqual([parsed, decoded], [0, 0]);
    });
  }
}

test("a body with much before its list, or behind it, is looked at for a few thousand bytes only", async () => {
  const long = "x".repeat(4_000_000);
  for (const body of [`{"a":"${long}","event":"e","result":[]}`, `{"event":"e","result":[],"a":"${long}"}`, `{${" ".repeat(4_000_000)}"event":"e","result":[]}`]) {
    const refuse = () => assert.rejects(verifyWebhook({ headers: { "x-webhook-signature": FORGED }, body }, { secret: SECRET }), { code: "MALFORMED" });
    const { calls, parsed } = await costOf(refuse);
    assert.deepEqual(calls, {});
    assert.ok(parsed <= MOST_AROUND, `${parsed} letters parsed`);
  }
});

test("without a signature that could be one, a body is not even read", async () => {
  const body = { async *[Symbol.asyncIterator]() {
    assert.fail("the body was read");
  } };
  for (const headers of [{}, { "x-webhook-signature": "no base64" }]) {
    const cost = await costOf(() => assert.rejects(verifyWebhook({ headers, body }, { secret: SECRET }), { status: 401 }));
    assert.deepEqual([cost.calls, cost.hashed, cost.copied], [{}, 0, 0]);
  }
});
