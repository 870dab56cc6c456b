import assert from "node:assert/strict";
import { test } from "node:test";
import { printable, progressLine, resultLines } from "./terminal.mjs";

test("escape sequences, line breaks and direction overrides do not reach the terminal", () => {
  assert.equal(printable("a\u001b[2Jb\r\nc\u202Ed\u009be"), "a [2Jb c d e");
});

test("no line of a result holds a control character, wherever it came from", () => {
  const evil = "x\u001b[31m";
  const files = [{ fileName: evil, status: evil, error: evil, result: { [evil]: evil, list: [evil], rows: [{ [evil]: evil }] } }];
  const lines = [...resultLines({ extractionId: "e", files }), ...resultLines({ classificationId: "c", files: [{ status: "processed", result: { documentType: evil, confidence: evil } }] })];
  assert.ok(lines.length > 6);
  for (const line of lines) assert.doesNotMatch(line, /\p{Cc}/u);
});

test("an extraction reads as indented fields, a classification as one line", () => {
  const extraction = { extractionId: "e", files: [{ fileName: "a.pdf", status: "processed", result: { buyer: { city: "Oslo" }, items: [{ name: "pen" }], tags: ["x"], note: "" } }] };
  assert.deepEqual(resultLines(extraction), [
    "  a.pdf: processed",
    "    buyer:",
    "      city: Oslo",
    "    items:",
    "      -",
    "        name: pen",
    "    tags:",
    "      - x",
    "    note: (empty)",
  ]);
  const classification = { classificationId: "c", files: [{ fileName: "b.pdf", status: "processed", result: { documentType: "invoice", confidence: 0.98 } }] };
  assert.deepEqual(resultLines(classification), ["  b.pdf: processed", "    invoice, 98% sure"]);
});

test("a progress line fits the terminal", () => {
  const counts = { total: 4, failed: 1, pending: 2 };
  assert.equal(progressLine("demo", counts, 3), "demo             [############............] 2/4 finished, 1 failed, poll 3");
  assert.equal(progressLine("demo", counts, 3, 20).length, 20);
});
