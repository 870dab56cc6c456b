import { expect, test } from "vitest";
import { toCsv } from "./csv.ts";

test("each file is a row, each field of any a column", () => {
  const files = [
    { fileName: "a.pdf", status: "processed", result: { total: "1,50", items: [{ name: "x" }] } },
    { fileName: 'b "final".pdf', status: "processed", result: { total: "-12.50", note: "two\nlines" } },
    { fileName: "c.pdf", status: "failed" },
  ];
  expect(toCsv(files).split("\r\n")).toEqual([
    "file,status,total,items,note",
    'a.pdf,processed,"1,50","[{""name"":""x""}]",',
    '"b ""final"".pdf",processed,-12.50,,"two\nlines"',
    "c.pdf,failed,,,",
  ]);
});

test.for(["=1+1", "+SUM(A1)", "-2+3", "@x", "\tx"])("%j is text for a spreadsheet", (text) => {
  expect(toCsv([{ fileName: "a", status: "processed", result: { text } }])).toMatch(/\n"?a,processed,'|\na,processed,"'/);
});
