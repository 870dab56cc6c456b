import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ERRORS, explain } from "./errors.js";

const page = readFileSync(new URL("./index.html", import.meta.url), "utf8");
const types = readFileSync(new URL("../src/js/types.d.ts", import.meta.url), "utf8");
const codes = [...types.match(/export type ErrorCode =([^;]+);/)[1].matchAll(/"([A-Z_]+)"/g)].map(([, code]) => code);

test("the error table names exactly the codes of the package", () => {
  assert.ok(codes.length > 10);
  assert.deepEqual(Object.keys(ERRORS).sort(), [...codes].sort());
});

test("each code has a title and advice of its own words", () => {
  const titles = new Set(Object.values(ERRORS).map((entry) => entry.title));
  assert.equal(titles.size, codes.length);
  for (const { advice } of Object.values(ERRORS)) assert.match(advice, /\.$/);
});

for (const source of ["stand-in", "extracta", "proxy"]) {
  test(`every field an error points at exists on the page (${source})`, () => {
    const options = ["extractionId", "classificationId", "batchId", "fileId", "baseUrl", "token", "timeoutMs", "requestTimeoutMs", "onUnknownStatus"];
    const errors = codes.flatMap((code) => options.map((option) => ({ code, option, message: "m" })));
    for (const error of errors) {
      const { atFault } = explain(error, { known: true, cancelled: false, source });
      if (atFault) assert.match(page, new RegExp(`id="${atFault.field}"`));
    }
  });
}

test("a refused key leads to the key, to the proxy, or nowhere, by source", () => {
  const fieldFor = (source) => explain({ code: "UNAUTHENTICATED", message: "m" }, { known: true, source }).atFault?.field;
  assert.deepEqual(["extracta", "proxy", "stand-in"].map(fieldFor), ["api-key", "base-url", undefined]);
});

test("the error's own words, HTTP status and server message are shown", () => {
  const error = { code: "SERVER", message: "HTTP 503, try later", httpStatus: 503, serverMessage: "<b>down</b>", attempts: 6 };
  assert.deepEqual(explain(error, { known: true, source: "proxy" }).facts, [
    ["Message", "HTTP 503, try later"],
    ["HTTP status", "503"],
    ["Server said", "<b>down</b>"],
    ["Attempts", "6"],
  ]);
});

test("a poll that gave up names the last failure, or what it saw", () => {
  const exhausted = { code: "RETRIES_EXHAUSTED", message: "m", cause: { code: "SERVER", message: "HTTP 502" } };
  assert.deepEqual(explain(exhausted, { known: true, source: "proxy" }).facts.at(-1), ["Last failure", "SERVER: HTTP 502"]);
  const timedOut = { code: "POLL_TIMEOUT", message: "m", observed: { waiting: 3, SERVER: 1 } };
  assert.deepEqual(explain(timedOut, { known: true, source: "proxy" }).facts.at(-1), ["Seen", "waiting ×3, SERVER ×1"]);
});

test("a cancelled poll is no error, whatever the reason was", () => {
  const { code, title } = explain(new DOMException("x", "AbortError"), { known: false, cancelled: true, source: "proxy" });
  assert.deepEqual([code, title], ["AbortError", "Cancelled"]);
});

test("a stranger's error that borrows a code is not taken for the package's", () => {
  const { code, title } = explain(Object.assign(new TypeError("x"), { code: "NETWORK" }), { known: false, source: "proxy" });
  assert.equal(code, "TypeError");
  assert.notEqual(title, ERRORS.NETWORK.title);
});
