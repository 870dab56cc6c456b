import assert from "node:assert/strict";
import { test } from "node:test";
import { describeBatchLines, parseBatchLines } from "./batch-lines.js";

test("one batch per line, with a number of files where there is one, however the two are set apart", () => {
  const { batches, fault } = parseBatchLines("-Oa1\n\n  -Ob2 , 12\r\n-Oc3\t7\n-Od4;1\n-Oe5 300  \n");
  assert.equal(fault, "");
  assert.deepEqual(batches, [
    { batchId: "-Oa1" },
    { batchId: "-Ob2", expectedFiles: 12 },
    { batchId: "-Oc3", expectedFiles: 7 },
    { batchId: "-Od4", expectedFiles: 1 },
    { batchId: "-Oe5", expectedFiles: 300 },
  ]);
});

test("a batch named twice is polled once", () => {
  const { batches, repeated } = parseBatchLines("a\nb, 2\na, 9\n__proto__\n__proto__");
  assert.deepEqual(batches, [{ batchId: "a" }, { batchId: "b", expectedFiles: 2 }, { batchId: "__proto__" }]);
  assert.equal(repeated, 2);
});

test("the first bad line is named, blank lines counted", () => {
  for (const [text, line] of [["a\n\nb, many", 3], ["a 0", 1], ["a\nb -2\nc x", 2], ["a 1.5", 1], [", 5", 1], ["a 1 2", 1]]) {
    assert.match(parseBatchLines(text).fault, new RegExp(`^Line ${line}\\b`), JSON.stringify(text));
  }
});

test("what a list comes to is said in a sentence", () => {
  const said = ["", "a", "a, 3\nb\nc 9", "a\na", "a\nb c"].map((text) => describeBatchLines(parseBatchLines(text)));
  assert.deepEqual(said, [
    "None.",
    "1 batch.",
    "3 batches, 2 with a number of files.",
    "1 batch. 1 named again: polled once.",
    "Line 2: after the id comes a number of files, or nothing.",
  ]);
});
