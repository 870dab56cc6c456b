import assert from "node:assert/strict";
import { test } from "node:test";
import { describeFiles, sizeText } from "./files-to-upload.js";

test("files are described by their number, their size, and the first names", () => {
  assert.equal(describeFiles([{ name: "חשבונית.pdf", size: 1_500_000 }]), "1 file, 1.5 MB: \u2068חשבונית.pdf\u2069");
  const many = Array.from({ length: 5 }, (_, n) => ({ name: `${n}.pdf`, size: 1_000 }));
  assert.equal(describeFiles(many), "5 files, 5 KB: \u20680.pdf\u2069, \u20681.pdf\u2069, \u20682.pdf\u2069 and 2 more");
  assert.deepEqual([0, 999, 1_000, 999_999_999].map(sizeText), ["0 bytes", "999 bytes", "1 KB", "1000.0 MB"]);
});
