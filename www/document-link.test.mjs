import assert from "node:assert/strict";
import { test } from "node:test";
import { isWebAddress } from "./document-link.js";

test("only http and https addresses may be followed", () => {
  assert.ok(isWebAddress("https://storage.example/a_%25_b.pdf?Signature=x%2By"));
  assert.ok(isWebAddress("http://127.0.0.1/a.pdf"));
  const refused = ["javascript:alert(1)", " JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//host/path", "a.pdf", "", null, 5, { href: "https://x" }];
  for (const url of refused) assert.equal(isWebAddress(url), false, String(url));
});
