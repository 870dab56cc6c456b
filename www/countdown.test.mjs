import assert from "node:assert/strict";
import { test } from "node:test";
import { Countdown, formatSeconds } from "./countdown.js";

function clockAt() {
  const time = { ms: 1_000 };
  const clock = new Countdown(() => time.ms);
  clock.start(() => {});
  clock.stop();
  return { time, clock };
}

test("the countdown follows the clock and stops at zero", () => {
  const { time, clock } = clockAt();
  clock.expectIn(2_000);
  const texts = [0, 900, 200, 5_000].map((passed) => {
    time.ms += passed;
    return clock.nextPollText();
  });
  assert.deepEqual(texts, ["Next poll in 2 s", "Next poll in 2 s", "Next poll in 1 s", "Next poll any moment"]);
});

test("of several waits the longest counts, until a request goes out", () => {
  const { clock } = clockAt();
  clock.expectIn(9_000);
  clock.expectIn(2_000);
  assert.equal(clock.nextPollText(), "Next poll in 9 s");
  clock.asking();
  assert.equal(clock.nextPollText(), "Asking the server…");
  clock.expectIn(2_000);
  assert.equal(clock.nextPollText(), "Next poll in 2 s");
});

test("elapsed time reads in minutes from one minute on", () => {
  assert.deepEqual([0, 59_900, 60_000, 125_000].map(formatSeconds), ["0 s", "59 s", "1 min 0 s", "2 min 5 s"]);
});
