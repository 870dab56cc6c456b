// Signatures of deliveries: what a receiver accepts.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { SECRET, settings } from "./settings.mjs";
import { startWorker } from "./worker.mjs";

const body = '{"id":"mine","results":{"done":true}}';

const signatureOf = (id, timestamp, signed) => {
  const key = Buffer.from(SECRET.slice("whsec_".length), "base64");
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${signed}`).digest("base64")}`;
};

const now = Math.floor(Date.now() / 1000);
const at = String(now);

const signed = ({ id = "mine", timestamp = at, signature = signatureOf(id, timestamp, body), ...more } = {}) => ({
  headers: { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature },
  body,
  secret: SECRET,
  ...more,
});

test("a receiver accepts what was signed, and nothing else", async (t) => {
  const worker = await startWorker(t, settings());
  const verify = (what) => worker.ask("verify", what);
  const accepted = { id: "mine", results: { done: true } };

  assert.deepEqual(await verify(signed()), accepted);
  assert.deepEqual(await verify(signed({ signature: `v1,AAAA v2,else ${signatureOf("mine", at, body)}` })), accepted, "one of several signatures");
  // The example that the libraries of the specification are tested with.
  const example = {
    headers: { "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330", "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" },
    body: '{"test": 2432232314}',
    secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  };
  assert.deepEqual(await verify({ ...example, options: { toleranceMs: 1e15 } }), { test: 2432232314 });

  for (const [what, forged] of [
    ["its time is long ago", example],
    ["another body", signed({ body: `${body} ` })],
    ["another id", signed({ id: "other", signature: signatureOf("mine", at, body) })],
    ["another time", signed({ timestamp: String(now - 1), signature: signatureOf("mine", at, body) })],
    ["signed ten minutes ago", signed({ timestamp: String(now - 600) })],
    ["signed ten minutes from now", signed({ timestamp: String(now + 600) })],
    ["no time", signed({ timestamp: "soon" })],
    ["another version", signed({ signature: signatureOf("mine", at, body).replace("v1", "v1a") })],
    ["no base64", signed({ signature: "v1,%%%" })],
    ["another secret", signed({ secret: `whsec_${Buffer.alloc(32).toString("base64")}` })],
    ["no signature", { headers: {}, body, secret: SECRET }],
  ]) {
    assert.equal(await verify(forged), null, what);
  }
  await assert.rejects(verify(signed({ secret: "secret" })), /^TypeError: The secret must be whsec_/);
});
