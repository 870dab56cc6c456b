import assert from "node:assert/strict";
import { test } from "node:test";
import { newsText } from "./news.js";

const ended = (...states) => states.map((state, index) => ({ job: { batchId: `b${index}` }, state }));

test("a few ends are named", () => {
  assert.equal(newsText(ended("done", "error"), "2 of 9 batches finished"), "b0: done. b1: error. 2 of 9 batches finished.");
});

test("of many at once the first are named and the rest counted", () => {
  const text = newsText(ended("done", "done", "done", "done", "error"), "5 of 9 batches finished, 1 failed");
  assert.equal(text, "b0: done. b1: done. b2: done. 2 more ended. 5 of 9 batches finished, 1 failed.");
});

test("at the end there may be no more than the summary", () => {
  assert.equal(newsText([], "9 of 9 batches finished"), "9 of 9 batches finished.");
});
