import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decisionText, laneFacts } from "./lane-words.js";

const report = { gapMs: 2001, waiting: 4, requests: 12, refusals: 0, smallestGapMs: 2049.7, nextSlotInMs: 1250, inFlight: false, pausedForMs: 0 };
const waits = (reason, more) => ({ batchId: "b", agoMs: 1200, decision: "waits", reason, asksAgainAfterMs: 9, ...more });

test("a decision is shown with its reason", () => {
  const said = [
    { batchId: "b", agoMs: 3900, decision: "sent" },
    waits("behindOthers", { behind: 3 }),
    waits("behindOthers", { behind: 1 }),
    waits("floor"),
    waits("inFlight"),
    waits("paused"),
    waits("notDue"),
    waits("somethingNew"),
  ].map((decision) => decisionText(report, decision));
  assert.deepEqual(said, [
    "sent, 3 s ago",
    "waits: 3 others go first, 1 s ago",
    "waits: 1 other goes first, 1 s ago",
    "waits: the last request is less than 2 s ago, 1 s ago",
    "waits: another request is on its way, 1 s ago",
    "waits: the server asks to be left alone, 1 s ago",
    "waits: it is not due yet, 1 s ago",
    "waits: somethingNew, 1 s ago",
  ]);
});

test("every reason that the package gives has words", () => {
  const types = readFileSync(new URL("../src/js/types.d.ts", import.meta.url), "utf8");
  const reasons = [...types.match(/reason: ((?:"\w+"(?: \| )?)+)/)[1].matchAll(/"(\w+)"/g)].map(([, reason]) => reason);
  assert.ok(reasons.length >= 5);
  for (const reason of reasons) {
    assert.ok(!decisionText(report, waits(reason, { behind: 2 })).includes(reason), `${reason} has no words`);
  }
});

test("gaps are never rounded up, and a lane without two requests shows none", () => {
  const text = (label, changed) => Object.fromEntries(laneFacts({ ...report, ...changed }))[label];
  assert.deepEqual([1999.9, 2000, 2049.7].map((smallestGapMs) => text("Smallest gap", { smallestGapMs })), ["1.9 s", "2 s", "2 s"]);
  assert.equal(text("Smallest gap", { smallestGapMs: undefined }), "–");
});

test("the next slot says what there is to wait for", () => {
  const next = (changed) => Object.fromEntries(laneFacts({ ...report, ...changed }))["Next slot"];
  assert.deepEqual(
    [{}, { nextSlotInMs: 0 }, { inFlight: true }, { pausedForMs: 4100, nextSlotInMs: 4100 }].map(next),
    ["in 1.2 s", "free now", "after this answer", "paused, 5 s"],
  );
});
