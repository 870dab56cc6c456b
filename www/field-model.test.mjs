import assert from "node:assert/strict";
import { test } from "node:test";
import { confidenceText, countsText, fieldNode } from "./field-model.js";

const text = (value) => ({ kind: "text", text: value });

test("strings, numbers and booleans are text, markup included", () => {
  assert.deepEqual([fieldNode("<b>x</b>"), fieldNode(0), fieldNode(false)], [text("<b>x</b>"), text("0"), text("false")]);
});

test("nothing is empty, in every form it arrives in", () => {
  for (const value of ["", null, undefined, [], {}]) assert.deepEqual(fieldNode(value), { kind: "empty" });
});

test("an object is a group in the order it came", () => {
  assert.deepEqual(fieldNode({ name: "Ada", age: "36" }), {
    kind: "group",
    fields: [{ key: "name", node: text("Ada") }, { key: "age", node: text("36") }],
  });
});

test("a list of objects is a table over all their keys, with gaps where a key is missing", () => {
  assert.deepEqual(fieldNode([{ a: "1" }, { b: "2" }]), {
    kind: "table",
    columns: ["a", "b"],
    rows: [[text("1"), { kind: "empty" }], [{ kind: "empty" }, text("2")]],
  });
});

test("a table column called like an inherited member stays empty where it is missing", () => {
  const { rows } = fieldNode([{ toString: "own" }, { a: "1" }]);
  assert.deepEqual(rows[1], [{ kind: "empty" }, text("1")]);
});

test("a list of strings, or of mixed values, is a list", () => {
  assert.deepEqual(fieldNode(["x", { a: "1" }]).kind, "list");
  assert.deepEqual(fieldNode(["x", "y"]), { kind: "list", items: [text("x"), text("y")] });
});

test("a declared list that arrived as one string is text", () => {
  assert.deepEqual(fieldNode("one, two"), text("one, two"));
});

test("endless nesting ends", () => {
  const nested = JSON.parse("[".repeat(5_000) + "]".repeat(5_000));
  assert.match(JSON.stringify(fieldNode(nested)), /"deep"/);
});

test("confidence is a percentage when it is a share, else as it came", () => {
  assert.deepEqual([0.934, 1, 0, 93, "high", undefined].map(confidenceText), ["93.4%", "100%", "0%", "93", "high", ""]);
});

test("counts read as a sentence", () => {
  assert.equal(countsText({ total: 5, processed: 2, failed: 1, pending: 2 }), "3 of 5 files finished, 1 failed");
  assert.equal(countsText({ total: 1, processed: 0, failed: 0, pending: 1 }), "0 of 1 file finished");
  assert.equal(countsText({ total: 0, processed: 0, failed: 0, pending: 0 }), "No files reported yet");
});
