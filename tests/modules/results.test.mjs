// `src/js/results.js`: which files of a reply are news, over any series of replies.
import assert from "node:assert/strict";
import { test } from "node:test";

import { News, madeCertain, tally } from "../../src/js/results.js";
import { below, oneOf, seeded } from "../node-package/seeded.mjs";

const processed = (file) => ({ status: "processed", ...file });
const ids = (files) => files.map(({ fileId }) => fileId);
const told = (news, files, finals = [1]) => news.progress({}, { files }, finals).newFiles;

test("a file is news once, even when the order changes", () => {
  const news = new News();
  const [one, two] = [processed({ fileId: "1" }), processed({ fileId: "2" })];
  assert.deepEqual(told(news, [one]), [one]);
  assert.deepEqual(told(news, [two, one]), [two]);
  assert.deepEqual(told(news, [one, two]), []);
});

test("two files of one id are both told of, and so are files without any", () => {
  const news = new News();
  const files = [processed({ fileId: "7" }), processed({ fileId: "7" }), processed({}), processed({})];
  assert.equal(told(news, files).length, 4);
  assert.equal(told(news, [...files, processed({ fileId: "7" })]).length, 1);
});

test("files are told apart by id, then by name", () => {
  const news = new News();
  const files = [{ fileId: "1", fileName: "a" }, { fileId: "1", fileName: "b" }, { fileName: "a" }, { fileName: "1" }].map(processed);
  assert.equal(told(news, files).length, 4);
  assert.equal(told(news, [processed({ fileId: "1", fileName: "c" }), processed({ fileName: "c" })]).length, 1);
});

test("over any replies each file is told of as often as it was ever seen final at once", () => {
  const random = seeded(7);
  for (let round = 0; round < 2000; round++) {
    const news = new News();
    const [toldOf, most] = [new Map(), new Map()];
    for (let reply = 0; reply < 6; reply++) {
      const files = Array.from({ length: below(12, random) }, () => ({
        fileId: oneOf(["a", "b", "c", "d", "__proto__", "constructor", ""], random),
        status: oneOf(["processed", "waiting", "failed", "archived", 7, undefined], random),
      }));
      const statuses = tally(files).filter((entry, index) => index % 2 === 0);
      const isFinal = (status) => status === "processed" || status === "failed";
      const fresh = told(news, files, statuses.map(isFinal));
      const finals = files.filter(({ status }) => isFinal(status));
      assert.deepEqual(fresh, files.filter((file) => fresh.includes(file)), "in the reply's order, none twice");
      for (const id of ids(fresh)) toldOf.set(id, (toldOf.get(id) ?? 0) + 1);
      for (const id of ids(finals)) most.set(id, Math.max(most.get(id) ?? 0, ids(finals).filter((other) => other === id).length));
    }
    assert.deepEqual([...toldOf].sort(), [...most].sort());
  }
});

test("files are counted by status, whatever stands in their place", () => {
  assert.deepEqual(tally([processed({}), { status: "waiting" }, processed({})]), ["processed", 2, "waiting", 1]);
  assert.deepEqual(tally({ a: processed({}), b: {} }), ["processed", 1, null, 1]);
  assert.deepEqual(tally([null, "f", 3, [], { status: 4 }]), [undefined, 4, null, 1]);
  assert.deepEqual(tally([]), []);
  for (const none of ["files", 3, true, () => {}]) assert.equal(tally(none), undefined);
  assert.equal(tally(new Proxy([], { get: () => { throw new Error("hostile") } })), undefined);
  const sly = { get status() { throw new Error("hostile") } };
  assert.deepEqual(tally([sly]), [null, 1]);
});

test("a reply is made certain in place, and a frozen one as a copy", () => {
  const reply = { other: { deep: 1 }, files: { id: { status: "processed" }, named: { fileId: "own" } } };
  const certain = madeCertain(reply, true);
  assert.equal(certain, reply);
  assert.deepEqual(certain, { other: { deep: 1 }, done: true, files: [{ status: "processed", fileId: "id" }, { fileId: "own" }] });
  const frozen = Object.freeze({ files: Object.freeze([]) });
  const copy = madeCertain(frozen, false);
  assert.notEqual(copy, frozen);
  assert.deepEqual(copy, { files: [], done: false });
  assert.deepEqual(madeCertain({}, false), { files: [], done: false });
});
