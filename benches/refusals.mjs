// What it takes to refuse a forged webhook, relative to hashing its body: `node benches/refusals.mjs`, after `cargo xtask build`.
// Where a body comes as a request, reading it is part of either.
import { verifyWebhook } from "../pkg/npm/dist/webhooks.js";
import { spreadOf } from "./statistics.mjs";

const SIGNATURE = `${"A".repeat(43)}=`;
const ENTRY = '{"extractionId":"e","batchId":"b","status":"processed","result":{"total":"12.50"}}';

const headers = { "x-webhook-signature": SIGNATURE };
const request = (body) => new Request("https://receiver.example/", { method: "POST", headers: { ...headers, "content-length": body.length }, body });
const refuse = (delivery) => verifyWebhook(delivery, { secret: "a-secret", maxBodyBytes: 30_000_000 }).catch(({ code }) => {
  if (code !== "SIGNATURE_MISMATCH") throw new Error(code);
});
const hash = (bytes) => crypto.subtle.digest("SHA-256", bytes);

const KINDS = {
  "hash bytes": [(body) => body, hash],
  "refuse bytes": [(body) => ({ headers, body }), refuse],
  "hash request": [request, async (request) => hash(await request.arrayBuffer())],
  "refuse request": [request, refuse],
};

console.log("bytes of body | refusing bytes / hashing them | refusing a request / reading and hashing it | hashing, ms");
for (const size of [200, 1_000, 10_000, 100_000, 1_000_000, 5_000_000, 25_000_000]) {
  const entries = Array(Math.ceil(size / ENTRY.length)).fill(ENTRY).join(",");
  const body = new TextEncoder().encode(`{"event":"extraction.processed","result":[${entries}]}`);
  const times = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, []]));
  const rounds = size > 2_000_000 ? 20 : 400;
  for (let round = 0; round < rounds; round += 1) {
    for (const [kind, [make, run]] of Object.entries(KINDS)) {
      const given = make(body);
      const begun = performance.now();
      await run(given);
      times[kind].push(performance.now() - begun);
    }
  }
  // The first rounds are the engine's.
  const ms = (kind) => spreadOf(times[kind].slice(rounds / 4)).median;
  const ratio = (one, other) => (ms(one) / ms(other)).toFixed(2);
  console.log([body.length, ratio("refuse bytes", "hash bytes"), ratio("refuse request", "hash request"), ms("hash bytes").toFixed(3)].join(" | "));
}
