import assert from "node:assert/strict";
import { test } from "node:test";
import { csvCell, filesToCsv } from "./csv.js";

test("a batch becomes one row per file, ids and status first", () => {
  const csv = filesToCsv([
    { status: "processed", result: { total: "10" }, fileName: "a.pdf", fileId: "f1" },
    { status: "failed", error: "unreadable", fileName: "b.pdf", fileId: "f2" },
  ]);
  assert.equal(csv, "fileId,fileName,status,result.total,error\r\nf1,a.pdf,processed,10,\r\nf2,b.pdf,failed,,unreadable\r\n");
});

test("nested objects and lists of objects become dotted columns", () => {
  const csv = filesToCsv([{ status: "processed", result: { buyer: { city: "Oslo" }, items: [{ name: "pen" }, { name: "ink", qty: 2 }] } }]);
  assert.equal(csv, "status,result.buyer.city,result.items.0.name,result.items.1.name,result.items.1.qty\r\nprocessed,Oslo,pen,ink,2\r\n");
});

test("a list of plain values shares one cell", () => {
  assert.equal(filesToCsv([{ skills: ["Rust", "C", null, true] }]), 'skills\r\n"Rust; C; ; true"\r\n');
});

test("a key with a dot stays apart from a nested key", () => {
  assert.equal(filesToCsv([{ "a.b": 1, a: { b: 2 } }]), "a\\.b,a.b\r\n1,2\r\n");
});

test("a key called __proto__ is a column like any other", () => {
  const files = JSON.parse('[{"result":{"__proto__":{"polluted":"yes"},"constructor":"c"}}]');
  assert.equal(filesToCsv(files), "result.__proto__.polluted,result.constructor\r\nyes,c\r\n");
  assert.equal({}.polluted, undefined);
});

test("quotes, commas and line breaks follow RFC 4180", () => {
  assert.equal(csvCell('say "hi"'), '"say ""hi"""');
  assert.equal(csvCell("1,000"), '"1,000"');
  assert.equal(csvCell("two\r\nlines"), '"two\r\nlines"');
  assert.equal(csvCell("plain text"), "plain text");
  assert.equal(csvCell(""), "");
});

for (const start of ["=", "+", "-", "@", "\t", "\r", "\n"]) {
  test(`a value that begins with ${JSON.stringify(start)} cannot run as a formula`, () => {
    const cell = csvCell(`${start}HYPERLINK(1)`);
    assert.equal(cell.replace(/^"/, "")[0], "'");
  });
}

test("a formula with quotes and commas is neutralised inside its quotes", () => {
  assert.equal(csvCell('=HYPERLINK("http://evil","x")'), `"'=HYPERLINK(""http://evil"",""x"")"`);
});

test("a formula after a separator of another locale stays inside one cell", () => {
  assert.equal(csvCell("x;=1+1"), '"x;=1+1"');
  assert.equal(csvCell("x\t=1+1"), '"x\t=1+1"');
});

test("a heading made from a hostile key is neutralised too", () => {
  assert.equal(filesToCsv([{ "=cmd": "x" }]), "'=cmd\r\nx\r\n");
});

test("a signed amount and a list that begins with a dash are text as well", () => {
  assert.equal(filesToCsv([{ amount: "-5.00", change: -1, list: ["-a", "b"] }]), "amount,change,list\r\n'-5.00,'-1,\"'-a; b\"\r\n");
});
