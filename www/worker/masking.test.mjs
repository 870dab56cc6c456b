import assert from "node:assert/strict";
import { test } from "node:test";
import { masking } from "./masking.js";

async function masked(secret, ...chunks) {
  const bytes = chunks.map((chunk) => new TextEncoder().encode(chunk));
  return new Response(ReadableStream.from(bytes).pipeThrough(masking(secret))).text();
}

test("the secret is masked wherever it was cut", async () => {
  const text = "a secret, ssecret; secretsecret: secre";
  const expected = "a ******, s******; ************: secre";
  for (let cut = 0; cut <= text.length; cut += 1) assert.equal(await masked("secret", text.slice(0, cut), text.slice(cut)), expected);
  assert.equal(await masked("secret", ...text), expected);
});

test("what is not the secret passes unchanged", async () => {
  const text = `${"é".repeat(3000)}secre`;
  assert.equal(await masked("secret", text, text), text + text);
  assert.equal(await masked("secret"), "");
});
