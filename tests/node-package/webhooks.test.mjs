// Deliveries of Extracta's webhook: what is read of them, and what is said of those that cannot be.
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { isWebhookError, WebhookError, WebhookReceiver } from "extracta-wasm/webhooks";
import { below, oneOf, seeded } from "./seeded.mjs";
import { rejection } from "./standin.mjs";
import { anyResult, anyValue, delivery, file, SECRET, signatureOf, signatureOfText, signed } from "./webhook-sender.mjs";
import { refusal, verify } from "./webhook-verdict.mjs";

const NAMES = ["extraction.processed", "extraction.failed", "extraction.edited", "extraction.confirmed", "extraction.of-tomorrow"];

describe("a true delivery", () => {
  test("has its event, and its files by batch", async () => {
    const files = [file("a"), file("b", { batchId: "other" }), file("c", { status: "failed", error: "unreadable", result: undefined })];
    for (const name of NAMES) {
      const { event, batches, result, id } = await verify(delivery(files, { event: name }));
      assert.equal(event, name);
      assert.deepEqual(batches.map(({ extractionId, batchId, files }) => [extractionId, batchId, files.map(({ fileId }) => fileId)]), [
        ["template", "batch", ["a", "c"]],
        ["template", "other", ["b"]],
      ]);
      assert.deepEqual(result, JSON.parse(JSON.stringify(files)));
      assert.match(id, /^[0-9a-f]{64}$/);
    }
  });

  test("is the same in whatever way a server hands it over", async () => {
    const { headers, body } = delivery([file("Ä")]);
    const { id } = await verify({ headers, body });
    const bytes = Buffer.from(body);
    const pieces = () => Readable.from([bytes.subarray(0, 77), bytes.subarray(77, 123), bytes.subarray(123)], { objectMode: false });
    const request = () => new Request("https://app.example/hook", { method: "POST", headers, body });
    const ways = {
      request: request(),
      "its clone": request().clone(),
      "a stream of the fetch standard": { headers, body: request().body },
      bytes: { headers, body: bytes },
      buffer: { headers, body: new Uint8Array(bytes).buffer },
      "bytes one by one": { headers, body: Readable.from([...bytes].map((byte) => Buffer.of(byte))) },
      "a request of Node": Object.assign(pieces(), { headers }),
      "a request of Express": Object.assign(pieces(), { headers, body: bytes }),
      "headers of a gateway": { headers: { "X-Webhook-Signature": [headers["x-webhook-signature"]] }, body },
      "another type of content": { headers: { ...headers, "content-type": "text/html" }, body },
      "with a byte order mark": { headers, body: `\ufeff${body}` },
    };
    for (const [way, sent] of Object.entries(ways)) assert.equal((await verify(sent)).id, id, way);
  });

  test("may have its members in any order, and others besides", async () => {
    const result = [file("a")];
    const text = JSON.stringify(result);
    const id = (await verify(delivery(result))).id;
    for (const body of [
      `{"result":${text},"event":"extraction.processed"}`,
      `{"more":{"event":1,"result":[{"result":"]}"}]},"event":"extraction.processed","results":[],"result":${text},"":""}`,
      `\n{ "event" :\t"extraction.processed" ,\r\n "result" : ${text} }\n`,
      `{"ev\\u0065nt":"extraction.processed","\\u0072esult":${text}}`,
    ]) {
      assert.equal((await verify(signed(body, signatureOf(result)))).id, id, body);
    }
  });

  test("is found in any body that JSON allows, whatever stands before, in and behind its list", async () => {
    const random = seeded(20_260_104);
    const spaces = () => oneOf(["", "", " ", "\n\t", "  \r\n"], random);
    const spelt = (name) => oneOf([JSON.stringify(name), `"${[...name].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")}"`], random);
    for (let round = 0; round < 500; round++) {
      const sent = anyResult(random);
      // Longer than what is read of a body, now and then.
      if (random() < 0.3) sent.push(file("long", { result: { text: oneOf(['"', "\\", "]", "],\"", "x"], random).repeat(20_000) } }));
      const written = JSON.stringify(sent);
      const others = Array.from({ length: below(4, random) }, (_, n) => [JSON.stringify(oneOf([`m${n}`, "results", "]", "\\", '"'], random)), JSON.stringify(anyValue(random))]);
      const members = [['"event"', '"extraction.edited"'], ...others];
      members.splice(below(members.length + 1, random), 0, [spelt("result"), written]);
      const body = `${spaces()}{${members.map(([name, value]) => `${spaces()}${name}${spaces()}:${spaces()}${value}${spaces()}`).join(",")}}${spaces()}`;
      const { result } = await verify(signed(body, signatureOfText(written)));
      assert.deepEqual(result, JSON.parse(written), body.slice(0, 300));
    }
  });

  test("is known by what was signed: as it stands in the body, or, if one says so, as JSON.stringify writes it", async () => {
    const written = '[ {"extractionId":"e","batchId":"b","status":"processed","result":{"a":1.0,"b":1E21,"c":-0,"d":"\\u00e4\\ud800","e":"\\"}]\\\\","a":2}} ]';
    const body = `{"more":"\\"}],\\"result\\":{\\\\","event":"extraction.edited","result":${written}}`;
    const asItStands = await verify(signed(body, signatureOfText(written)));
    const rewritten = await verify(signed(body, signatureOf(JSON.parse(written))), { acceptRewritten: true });
    assert.equal(await refusal(signed(body, signatureOf(JSON.parse(written)))), "SIGNATURE_MISMATCH", "by default, nothing is parsed before it is verified");
    assert.deepEqual(asItStands.batches[0].files[0].result, { a: 2, b: 1e21, c: -0, d: "ä\ud800", e: '"}]\\' });
    // JSON.stringify knows no -0: what it left out is not signed.
    assert.deepEqual(rewritten.batches[0].files[0].result, { a: 2, b: 1e21, c: 0, d: "ä\ud800", e: '"}]\\' });
    assert.ok(Object.is(rewritten.batches[0].files[0].result.c, 0));
  });

  test("may be signed with any of several secrets, their prefix or not", async () => {
    const result = [file("a")];
    for (const [secret, known] of [
      ["new", ["old", "new"]],
      ["old", ["old", "new"]],
      ["E_AI_K_abc", "abc"],
      ["abc", "E_AI_K_abc"],
      ["E_AI_K_E_AI_K_abc", "E_AI_K_abc".replace("E_AI_K_", "E_AI_K_E_AI_K_")],
    ]) {
      assert.equal((await verify(delivery(result, { secret }), { secret: known })).event, "extraction.processed", `${secret} ${known}`);
    }
    assert.equal(await refusal(delivery(result, { secret: "E_AI_K_E_AI_K_abc" }), { secret: "abc" }), "SIGNATURE_MISMATCH");
  });

  test("of any content is read as it was sent, and its objects have no prototype of the sender's", async () => {
    const random = seeded(20_260_102);
    for (let round = 0; round < 300; round++) {
      const sent = anyResult(random);
      const { result, batches } = await verify(delivery(sent));
      const wanted = JSON.parse(JSON.stringify(sent));
      assert.deepEqual(result, wanted);
      assert.equal(batches.flatMap(({ files }) => files).length, sent.length);
      for (const entry of result) assert.equal(Object.getPrototypeOf(entry), Object.prototype);
    }
    assert.equal({}.polluted, undefined);
  });

  test("of any depth is read or refused", async () => {
    for (const depth of [10, 1_000, 100_000]) {
      const written = `[{"extractionId":"e","batchId":"b","status":"processed","result":${"[".repeat(depth)}${"]".repeat(depth)}}]`;
      const body = `{"event":"extraction.processed","result":${written}}`;
      assert.equal((await verify(signed(body, signatureOfText(written)))).batches.length, 1);
      assert.equal(await refusal(signed(body, signatureOfText("[]"))), "SIGNATURE_MISMATCH");
    }
  });

  test("of a name that this version does not know may hold anything in its list", async () => {
    const result = [{ classificationId: "c", batchId: "b" }, 5, null, file("a")];
    const event = await verify(delivery(result, { event: "classification.processed" }));
    assert.deepEqual(event.result, result);
    assert.deepEqual(event.batches.map(({ batchId }) => batchId), ["batch"]);
  });
});

test("a signed event about no files, which should have some, is malformed", async () => {
  for (const entry of [null, 5, "text", [], {}, { ...file("a"), batchId: 5 }, { ...file("a"), batchId: "" }, { ...file("a"), extractionId: undefined }, { ...file("a"), status: undefined }]) {
    assert.equal(await refusal(delivery([entry])), "MALFORMED", JSON.stringify(entry));
  }
  assert.deepEqual((await verify(delivery([]))).batches, []);
});

test("an error is one line, has the status to answer with, and quotes nothing", async () => {
  const canary = "CANARY-7d1b";
  const sent = [file(canary, { url: `https://files.example/${canary}` })];
  const { body } = delivery(sent, { secret: `E_AI_K_${canary}` });
  const failures = [
    [401, { headers: {}, body }],
    [401, signed(body, signatureOf(sent, "other"))],
    [401, signed(body, `${canary}`)],
    [400, signed(`${canary}${body}`, signatureOf(sent))],
    [400, signed(JSON.stringify({ event: canary.repeat(20), result: sent }), signatureOf(sent))],
    [413, signed(body.padEnd(30_000_000), signatureOf(sent))],
    [500, { headers: delivery(sent).headers, body: JSON.parse(body) }],
    [500, { body }],
    [500, undefined],
  ];
  for (const [status, failing] of failures) {
    const error = await rejection(verify(failing, { secret: `E_AI_K_${canary}` }));
    assert.ok(error instanceof WebhookError && error instanceof Error, inspect(error));
    assert.equal(error.status, status, error.message);
    assert.match(error.message, /^[^\r\n]{20,}$/);
    assert.ok(error.stack.startsWith("WebhookError: "), error.stack);
    assert.equal(JSON.parse(JSON.stringify(error)).code, error.code);
    for (const reported of [error.message, inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error), error.stack]) assert.ok(!reported.includes(canary), reported);
  }
  assert.ok(!isWebhookError(new Error("other")) && !isWebhookError(null) && !isWebhookError(undefined));
});

test("a body that somebody has read or parsed before is the server's mistake, and reported as such", async () => {
  const { headers, body } = delivery([file("a")]);
  const request = new Request("https://app.example/hook", { method: "POST", headers, body });
  await request.text();
  for (const sent of [request, { headers, body: JSON.parse(body) }, { headers, body: {} }, { headers, body: 5 }, { headers }]) {
    assert.equal(await refusal(sent), "INVALID_OPTION");
    await assert.rejects(new WebhookReceiver({ secret: SECRET }).handle(sent), { code: "INVALID_OPTION" });
  }
});

test("impossible options are reported", () => {
  for (const options of [
    undefined, {}, { secret: undefined }, { secret: "" }, { secret: "E_AI_K_" }, { secret: [] }, { secret: [SECRET, ""] }, { secret: 5 },
    ...[0, -1, 1.5, Infinity, "1"].map((maxBodyBytes) => ({ secret: SECRET, maxBodyBytes })),
    ...["secret\n", " secret", "two words", "tab\t", "E_AI_K_a\r\n", "a\u00a0", "a\u0000"].flatMap((secret) => [{ secret }, { secret: ["right", secret] }]),
    ...[null, 1, "yes"].map((acceptRewritten) => ({ secret: SECRET, acceptRewritten })),
    ...[null, {}, [], { has: () => false }].map((seen) => ({ secret: SECRET, seen })),
  ]) {
    assert.throws(() => new WebhookReceiver(options), { name: "WebhookError", code: "INVALID_OPTION" }, JSON.stringify(options));
  }
});
