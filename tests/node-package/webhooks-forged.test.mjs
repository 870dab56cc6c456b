// Deliveries that are not Extracta's, or not as Extracta sent them: none is believed.
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { seeded } from "./seeded.mjs";
import { anyResult, delivery, file, signatureOf, signatureOfText, signed } from "./webhook-sender.mjs";
import { refusal, verify } from "./webhook-verdict.mjs";

async function median(run) {
  const times = [];
  for (let round = 0; round < 9; round++) {
    const startedAt = performance.now();
    await run();
    times.push(performance.now() - startedAt);
  }
  return times.toSorted((one, other) => one - other)[4];
}

describe("a forged delivery", () => {
  const result = [file("ä", { result: { total: "1", __proto__: null } }), file("b")];
  const { headers, body } = delivery(result);
  const signature = headers["x-webhook-signature"];
  const bytes = Buffer.from(body);
  const listFrom = bytes.indexOf('"result":') + '"result":'.length;

  test("whose body differs by any one bit is refused, or says of the files what was signed", async () => {
    const { id } = await verify({ headers, body });
    const outcomes = { refused: 0, renamed: 0 };
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] ^= 1 << (bit & 7);
      let event;
      try {
        event = await verify({ headers, body: flipped });
      } catch (error) {
        assert.ok(["MALFORMED", "SIGNATURE_MISMATCH"].includes(error.code), inspect(error));
        outcomes.refused++;
        continue;
      }
      // The name is the only thing that nobody signs.
      assert.ok(bit >> 3 < listFrom, `bit ${bit} of the list`);
      assert.notEqual(event.event, "extraction.processed");
      assert.notEqual(event.id, id);
      assert.deepEqual(event.result, JSON.parse(body).result);
      outcomes.renamed++;
    }
    assert.ok(outcomes.refused >= 8 * (bytes.length - listFrom), JSON.stringify(outcomes));
    assert.ok(outcomes.renamed > 0, JSON.stringify(outcomes));
  });

  test("whose signature differs by any one bit, or is spelt otherwise, is refused", async () => {
    for (let bit = 0; bit < 8 * signature.length; bit++) {
      const flipped = Buffer.from(signature);
      flipped[bit >> 3] ^= 1 << (bit & 7);
      assert.equal(await refusal(signed(body, flipped.toString("latin1"))), "SIGNATURE_MISMATCH", flipped.toString("latin1"));
    }
    // The last letter stands for four bits: three others would be read as the same ones.
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (const spare of [1, 2, 3]) {
      const spelling = `${signature.slice(0, -2)}${letters[letters.indexOf(signature.at(-2)) + spare]}=`;
      assert.deepEqual(Buffer.from(spelling, "base64"), Buffer.from(signature, "base64"));
      assert.equal(await refusal(signed(body, spelling)), "SIGNATURE_MISMATCH", spelling);
    }
    const hex = Buffer.from(signature, "base64").toString("hex");
    const spellings = [signature.slice(0, -1), `${signature}=`, `${signature}, ${signature}`, ` ${signature}`, hex, `sha256=${hex}`, signature.toLowerCase(), "=".repeat(44)];
    for (const spelling of spellings) assert.equal(await refusal(signed(body, spelling)), "SIGNATURE_MISMATCH", spelling);
    for (let length = 1; length < signature.length; length++) assert.equal(await refusal(signed(body, signature.slice(0, length))), "SIGNATURE_MISMATCH");
  });

  test("without a signature is refused, before its body is read", async () => {
    const unread = { headers: {}, body: { [Symbol.asyncIterator]: () => assert.fail("somebody read it") } };
    assert.equal(await refusal(unread), "SIGNATURE_MISSING");
    assert.equal(await refusal({ headers: { "x-webhook-signature": "" }, body }), "SIGNATURE_MISSING");
    assert.equal(await refusal(new Request("https://app.example/hook", { method: "POST", body })), "SIGNATURE_MISSING");
  });

  test("cut short anywhere is refused, also when the stream breaks off", async () => {
    for (let length = 0; length < bytes.length; length++) {
      assert.equal(await refusal({ headers, body: bytes.subarray(0, length) }), "MALFORMED", `after ${length} bytes`);
    }
    const broken = Readable.from((async function* () {
      yield bytes.subarray(0, 50);
      throw new Error("reset");
    })());
    assert.equal(await refusal({ headers, body: broken }), "MALFORMED");
  });

  test("that has something twice is refused, however it spells it", async () => {
    const text = JSON.stringify(result);
    const forged = JSON.stringify([file("forged")]);
    for (const members of [
      [`"result":${text}`, `"result":${forged}`],
      [`"result":${forged}`, `"result":${text}`],
      [`"result":${text}`, `"res\\u0075lt":${forged}`],
      [`"\\u0072esult":${forged}`, `"result":${text}`],
      [`"result":${text}`, '"event":"extraction.failed"'],
      [`"result":${text}`, '"\\u0065vent":"extraction.failed"'],
    ]) {
      assert.equal(await refusal(signed(`{"event":"extraction.processed",${members}}`, signature)), "MALFORMED", String(members));
    }
    // Of the files themselves: signed as they stand, and not otherwise.
    const twice = `[${JSON.stringify(file("a")).replace("{", '{"extractionId":"forged",')}]`;
    const { batches } = await verify(signed(`{"event":"extraction.processed","result":${twice}}`, signatureOf([file("a")])), { acceptRewritten: true });
    assert.deepEqual(batches.map(({ extractionId }) => extractionId), ["template"]);
    const behind = twice.replace(/\}\]$/, ',"extractionId":"forged"}]');
    assert.equal(await refusal(signed(`{"event":"extraction.processed","result":${behind}}`, signatureOf([file("a")])), { acceptRewritten: true }), "SIGNATURE_MISMATCH");
  });

  test("that hides the list, or has none, is refused", async () => {
    const text = JSON.stringify(result);
    for (const forged of [
      `{"event":"extraction.processed","__proto__":{"result":${text}}}`,
      `{"event":"extraction.processed","data":{"result":${text}}}`,
      `{"event":"extraction.processed","result":${JSON.stringify(text)}}`,
      `{"event":"extraction.processed","result":{"0":${text.slice(1, -1)},"length":1}}`.replace("},{", ","),
      `{"result":${text}}`,
      `{"event":["extraction.processed"],"result":${text}}`,
      `{"event":"","result":${text}}`,
      `{"event":"two\\nlines","result":${text}}`,
      `{"event":${JSON.stringify("e".repeat(101))},"result":${text}}`,
      `[{"event":"extraction.processed","result":${text}}]`,
      text, "null", '"text"', "", "\ufeff\ufeff{}", "{}", "{", "<p>no JSON",
    ]) {
      assert.equal(await refusal(signed(forged, signature)), "MALFORMED", forged.slice(0, 80));
    }
    for (const invalid of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]]) {
      const name = Buffer.concat([Buffer.from('{"x":"'), Buffer.from(invalid), Buffer.from(`","event":"e","result":${text}}`)]);
      assert.equal(await refusal(signed(name, signature)), "MALFORMED", String(invalid));
    }
  });

  test("with files in another order, or of another delivery, is refused", async () => {
    const [one, other] = result;
    for (const forged of [[other, one], [one], [...result, one], [{ ...one, url: "https://evil.example" }, other], []]) {
      assert.equal(await refusal(signed(JSON.stringify({ event: "extraction.processed", result: forged }), signature)), "SIGNATURE_MISMATCH");
    }
  });

  test("made without the secret is refused", async () => {
    for (const secret of ["", "E_AI_K_", "the-secret", "undefined", "E_AI_K_the-secret-of-the-dashboard "]) {
      assert.equal(await refusal(delivery(result, { secret })), "SIGNATURE_MISMATCH", secret);
    }
    assert.equal(await refusal(signed(body, signatureOfText(body))), "SIGNATURE_MISMATCH", "the whole body signed");
    assert.equal(await refusal(signed(body, signatureOfText(""))), "SIGNATURE_MISMATCH");
  });

  test("at random is refused", async () => {
    const random = seeded(20_260_103);
    for (let round = 0; round < 500; round++) {
      const { body } = delivery(anyResult(random));
      const bytes = Buffer.from(body);
      for (let edits = 0; edits < 1 + 5 * random(); edits++) bytes[Math.floor(random() * bytes.length)] = Math.floor(256 * random());
      const code = await refusal(signed(bytes, signature));
      assert.ok(["MALFORMED", "SIGNATURE_MISMATCH"].includes(code), code);
    }
  });

  test("of megabytes is refused by its hash alone: nothing of it is parsed", async (t) => {
    const fill = (piece, bytes) => piece.repeat(bytes / piece.length);
    const most = 5_000_000;
    for (const [what, written] of Object.entries({
      "empty objects": `[${fill("{},", most - 100)}{}]`,
      "empty texts": `[${fill('"",', most - 100)}""]`,
      "quotation marks": `["${fill('\\"', most - 100)}"]`,
      backslashes: `["${fill("\\\\", most - 100)}"]`,
      brackets: fill("[", most / 2 - 50) + fill("]", most / 2 - 50),
      "brackets that never close": fill("[", most - 100),
      "lists of nothing": `[${fill("[],", most - 100)}[]]`,
      spaces: `[${fill(" ", most - 100)}]`,
    })) {
      const forged = Buffer.from(`{"event":"x","result":${written}}`);
      const key = await crypto.subtle.importKey("raw", Buffer.from("secret"), { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
      const hash = () => crypto.subtle.verify("HMAC", key, Buffer.from(signature, "base64"), forged);
      const refuse = () => refusal(signed(forged, signature));
      const parsed = t.mock.method(JSON, "parse");
      assert.ok(["SIGNATURE_MISMATCH", "MALFORMED"].includes(await refuse()), what);
      const letters = parsed.mock.calls.reduce((sum, { arguments: [text] }) => sum + text.length, 0);
      parsed.mock.restore();
      assert.ok(letters < 100, `${what}: ${letters} letters were parsed`);
      const [hashed, refused] = [await median(hash), await median(refuse)];
      t.diagnostic(`${what}: ${(refused / hashed).toFixed(2)} times its hash`);
    }
  });

  test("with much beside its list is refused, though the list is signed", async () => {
    const text = JSON.stringify(result);
    const much = `"more":"${"x".repeat(16_384)}"`;
    for (const forged of [`{${much},"event":"e","result":${text}}`, `{"event":"e","result":${text},${much}}`, `{"event":"e","result":${text}${" ".repeat(16_384)}}`]) {
      assert.equal(await refusal(signed(forged, signature)), "MALFORMED", forged.slice(0, 30));
    }
    const little = `"more":"${"x".repeat(16_000)}"`;
    for (const body of [`{${little},"event":"e","result":${text}}`, `{"event":"e","result":${text},${little}}`]) {
      assert.equal((await verify(signed(body, signature))).event, "e");
    }
  });

  test("with anything else beside a list that is signed is refused", async () => {
    const text = JSON.stringify(result);
    for (const [before, behind] of [
      ["", ",]"], ["", ","], ["", ",}"], ["", ',"a"'], ["", ',"a":'], ["", ',"a":tru'], ["", ',"a":[}'], ["", ',"a":{]'], ["", ',"a":01'], ["", ',"a":"\n"'], ["", "]"], ["", "}"], ["", " x"], ["", ':"a"'],
      ['"a":tru,', ""], ['"a":[},', ""], ['"a":{"b"},', ""], ['"a":"\n",', ""], ["a:1,", ""], [",", ""], ['"a",', ""], ["}", ""], ["]", ""],
    ]) {
      for (const body of [`{${before}"event":"e","result":${text}${behind}}`, `{"event":"e",${before}"result":${text}${behind}}`]) {
        assert.equal(await refusal(signed(body, signature)), "MALFORMED", `${before} … ${behind}`);
      }
    }
  });

  test("that is too long is refused without reading on, whatever length it claims", async () => {
    let read = 0;
    const endless = { async *[Symbol.asyncIterator]() {
      for (;;) {
        read++;
        yield new Uint8Array(1_000);
      }
    } };
    assert.equal(await refusal({ headers, body: endless }, { maxBodyBytes: 10_000 }), "TOO_LARGE");
    assert.equal(read, 11);
    const unread = { [Symbol.asyncIterator]: () => assert.fail("somebody read it") };
    assert.equal(await refusal({ headers: { ...headers, "content-length": "25000001" }, body: unread }), "TOO_LARGE");
    assert.equal((await verify({ headers, body }, { maxBodyBytes: bytes.length })).event, "extraction.processed");
    assert.equal(await refusal({ headers, body }, { maxBodyBytes: bytes.length - 1 }), "TOO_LARGE");
  });
});
