// Whose slot of a shared lane the next one is: members in virtual time, late, crashing, frozen, with a clock that is set.
import assert from "node:assert/strict";
import { test } from "node:test";
import { hold, reserve } from "../../pkg/npm/src/origin/reservation.js";
import { below, seeded } from "../node-package/seeded.mjs";

const GAP_MS = 2_000;
const SEEDS = 200;
const MARGIN_MS = GAP_MS / 4;
// A member renews its hold after half a gap, and no request starts later than that after its slot was granted: when it crashes, its
// last word may be so old.
const WORD_LASTS_MS = GAP_MS / 2;
const DAY_MS = 86_400_000;

const asking = (member, gapMs = GAP_MS) => ({ lane: "l", member, gapMs });

// Its request was answered at once.
const answered = (record, member, now) => hold(record, { member, closedForMs: 0 }, now);

test("a new lane is open; granting closes it for a gap", () => {
  const first = reserve(undefined, asking("a"), 1_000);
  assert.equal(first.waitMs, 0);
  const second = reserve(answered(first.record, "a", 1_000), asking("b"), 1_500);
  assert.equal(second.waitMs, 1_500);
  assert.equal(reserve(second.record, asking("b"), 2_999).waitMs, 1);
  assert.equal(reserve(second.record, asking("b"), 3_000).waitMs, 0);
});

test("a request whose member crashed may still arrive: the next slot is a margin later, for as long as nobody takes it back", () => {
  const { record } = reserve(undefined, asking("a"), 0);
  const crashed = reserve(record, asking("b"), 100);
  assert.equal(crashed.waitMs, 1_900, "nobody has to come later for what is nearly always taken back");
  const early = reserve(crashed.record, asking("b"), 2_000);
  assert.equal(early.waitMs, WORD_LASTS_MS + MARGIN_MS);
  assert.equal(reserve(early.record, asking("b"), 3_499).waitMs, 1);
  assert.equal(reserve(early.record, asking("b"), 3_500).waitMs, 0);

  const slow = hold(record, { member: "a", closedForMs: GAP_MS, marginMs: 900 }, 10);
  assert.equal(reserve(slow, asking("b"), 2_010).waitMs, 900, "its client knows of slow answers");
  assert.equal(reserve(answered(slow, "c", 20), asking("b"), 2_010).waitMs, 900, "what others say takes nothing back");
  assert.equal(reserve(answered(slow, "a", 20), asking("b"), 2_010).waitMs, 0);
});

test("a record is plain JSON, and what is passed in stays as it is", () => {
  let record = reserve(undefined, asking("a"), 0).record;
  record = reserve(record, asking("b"), 10).record;
  const before = JSON.stringify(record);
  Object.freeze(record);
  record.waiting.forEach(Object.freeze);
  const { record: next } = reserve(record, asking("c"), 20);
  hold(record, { closedForMs: 9_000 }, 20);
  assert.equal(JSON.stringify(record), before);
  assert.deepEqual(JSON.parse(JSON.stringify(next)), next);
});

test("the first to ask goes first; if it does not come, the next one goes, a quarter gap late", () => {
  let record = answered(reserve(undefined, asking("a"), 0).record, "a", 0);
  const waits = ["b", "c", "d"].map((member, at) => {
    const answer = reserve(record, asking(member), at);
    record = answer.record;
    return at + answer.waitMs;
  });
  assert.deepEqual(waits, [2_000, 2_500, 3_000]);
  assert.equal(reserve(record, asking("d"), 2_000).waitMs, 1_000);
  assert.equal(reserve(record, asking("b"), 2_000).waitMs, 0);
  assert.equal(reserve(record, asking("c"), 2_500).waitMs, 0, "b has not come");
});

test("however many vanish at once, the lane is idle for a gap at the most", () => {
  let record = answered(reserve(undefined, asking("a"), 0).record, "a", 0);
  for (let n = 0; n < 50; n++) ({ record } = reserve(record, asking(`gone ${n}`), n));
  const { record: last, waitMs } = reserve(record, asking("b"), 100);
  assert.equal(100 + waitMs, 2 * GAP_MS);
  const { record: after, waitMs: none } = reserve(last, asking("b"), 2 * GAP_MS);
  assert.equal(none, 0);
  assert.equal(reserve(after, asking("b"), 4 * GAP_MS).record.waiting.length, 0, "and they are forgotten");
});

test("holding only ever prolongs", () => {
  let record = hold(undefined, { closedForMs: 5_000 }, 0);
  record = hold(record, { closedForMs: 100 }, 1);
  assert.equal(reserve(record, asking("a"), 1).waitMs, 4_999);
});

test("a clock set back keeps nobody longer than the record's own length, and opens nothing early", () => {
  let record = answered(reserve(undefined, asking("a"), 10 * DAY_MS).record, "a", 10 * DAY_MS);
  record = reserve(record, asking("b"), 10 * DAY_MS + 500).record;
  const back = reserve(record, asking("b"), 1_000);
  assert.equal(back.waitMs, GAP_MS - 500, "as if no time had passed");
  assert.equal(reserve(back.record, asking("c"), 1_000).waitMs, GAP_MS - 500 + GAP_MS / 4, "behind b");
  assert.equal(reserve(back.record, asking("b"), 1_000 + GAP_MS - 500).waitMs, 0);
});

test("no record keeps anybody away for more than a day", () => {
  const record = hold(undefined, { closedForMs: 1e15 }, 0);
  assert.equal(reserve(record, asking("a"), 5).waitMs, DAY_MS);
});

/** What an old version, another script or a fault may have put where a record belongs, or into one. */
const GARBAGE = [
  null, true, 0, -1, 1e15, -1e15, 1e308, NaN, Infinity, -Infinity, "", "text", [], {}, [null], [[]], () => {}, 5n, new Date(0), new Map([["at", 0]]),
  { member: null, asksAt: 1 }, { member: "m", asksAt: null }, { member: "m", asksAt: 1e15 }, { member: "m", asksAt: -1e308 },
];

/** A record of a lane in use, some of whose parts are garbage. */
function spoilt(random, now) {
  const any = () => GARBAGE[below(GARBAGE.length, random)];
  const some = (good) => (random() < 0.5 ? good : any());
  const places = Array.from({ length: below(5, random) }, (_, n) => some({ member: some(`m${n}`), asksAt: some(now + below(GAP_MS, random)) }));
  return some({ at: some(now), closedUntil: some(now + below(GAP_MS, random)), waiting: some(places), more: any() });
}

test("whatever is in a record, nobody is kept away for longer than a request and its gap, and the lane heals", () => {
  for (let seed = 0; seed < 50 * SEEDS; seed++) {
    const random = seeded(seed);
    const longestMs = 30_000 + GAP_MS;
    let now = DAY_MS + below(DAY_MS, random);
    let record = spoilt(random, now);
    if (random() < 0.3) record = hold(record, { closedForMs: GAP_MS }, now, longestMs);
    const { record: healed, waitMs } = reserve(record, asking("a"), now, longestMs);
    assert.ok(waitMs >= 0 && waitMs <= longestMs, `seed ${seed}: ${waitMs} ms`);
    [record, now] = [healed, now + waitMs];
    // From then on it is a record like any other: those in line come too late, and each slot is a gap after the last.
    let granted = waitMs === 0 ? 1 : 0;
    for (let requested = 0; granted < 5; requested++) {
      assert.ok(requested < 12, `seed ${seed}: the lane does not heal`);
      const answer = reserve(record, asking("a"), now, longestMs);
      assert.ok(answer.waitMs <= 2 * GAP_MS, `seed ${seed}: ${answer.waitMs} ms`);
      if (answer.waitMs === 0) granted += 1;
      [record, now] = [answer.record, now + answer.waitMs];
    }
    assert.ok(record.waiting.length <= 1, `seed ${seed}: ${JSON.stringify(record)}`);
    assert.deepEqual(JSON.parse(JSON.stringify(record)), record);
  }
});

test("a lane of which nothing is known is closed for a gap, and one that was never used is open", () => {
  assert.equal(reserve(undefined, asking("a"), 1_000).waitMs, 0);
  for (const record of [null, 7, "text", {}, { closedUntil: NaN }, { at: 1_000, closedUntil: "soon", waiting: [] }]) {
    assert.equal(reserve(record, asking("a"), 1_000).waitMs, GAP_MS, JSON.stringify(record));
  }
});

/**
 * Runs members in virtual time and gives the true times of their slots. Each wants `wants` slots; its timers are late by up to
 * `lateMs`; its request starts up to `startsMs` after its slot was granted; while that is under way, for up to `requestMs`, it holds
 * the lane as the client does. `trouble` may make it crash, or freeze, at any moment, and the wall clock that all of them read is set
 * back now and then. Requests arrive with a delay, but before they are answered, and after a crash soon or never.
 */
function simulate(random, { members, wants, lateMs, requestMs, startsMs = 0, crash = 0, freeze = 0, setBack = 0 }) {
  const events = [];
  const at = (time, run) => events.push({ time, run });
  const upTo = (end) => below(end + 1, random);
  let [now, wallOffset, record] = [0, DAY_MS, undefined];
  const wall = () => now + wallOffset;
  const slots = [];
  const crashed = new Set();
  const requested = [];

  for (let n = 0; n < members; n++) {
    const member = `m${n}`;
    let [left, frozenUntil, isDead, since] = [wants, 0, false, Infinity];
    // A frozen one runs on when it thaws, whatever was due meanwhile.
    const later = (ms, run) => at(now + ms, function due() {
      if (isDead) return;
      if (frozenUntil > now) at(frozenUntil, due);
      else run();
    });
    let slot;
    const keep = (marginMs) => (record = hold(record, { member, closedForMs: GAP_MS, marginMs }, wall()));
    const ask = () => {
      since = Math.min(since, now);
      const { record: next, waitMs } = reserve(record, asking(member), wall());
      record = next;
      if (waitMs > 0) return later(waitMs + upTo(lateMs), ask);
      requested.push({ member, since, grantedAt: now });
      since = Infinity;
      slot = { member, grantedAt: now };
      if (startsMs > 0) later(upTo(startsMs), start);
      else start();
    };
    const start = () => {
      const lastsMs = upTo(requestMs);
      Object.assign(slot, { arrivedAt: now + upTo(lastsMs), answeredAt: now + lastsMs });
      slots.push(slot);
      const renew = () => {
        if (now >= slot.answeredAt) return;
        keep(MARGIN_MS + WORD_LASTS_MS);
        later(WORD_LASTS_MS, renew);
      };
      renew();
      later(slot.answeredAt - now, () => {
        keep(0);
        if (--left > 0) later(GAP_MS, ask);
      });
    };
    later(upTo(GAP_MS), ask);
    const trouble = random();
    if (trouble < crash) {
      crashed.add(member);
      at(upTo(members * wants * GAP_MS), () => {
        isDead = true;
        if (slot?.arrivedAt) slot.arrivedAt = Math.min(slot.arrivedAt, now + MARGIN_MS);
      });
    } else if (trouble < crash + freeze) {
      at(upTo(members * wants * GAP_MS), () => (frozenUntil = now + upTo(60_000)));
    }
  }
  for (let n = 0; n < setBack; n++) at(upTo(members * wants * GAP_MS), () => (wallOffset -= upTo(3_600_000)));

  for (let steps = 0; events.length > 0; steps++) {
    assert.ok(steps < 200_000, "it ends");
    events.sort((one, other) => other.time - one.time);
    const event = events.pop();
    now = event.time;
    event.run();
  }
  return { slots, crashed, requested };
}

function assertFloor({ slots }, seed) {
  slots.slice(1).forEach(({ grantedAt }, n) => {
    const apartMs = grantedAt - slots[n].grantedAt;
    assert.ok(apartMs >= GAP_MS, `seed ${seed}: ${apartMs} ms from one to the next`);
  });
}

function assertServed({ slots, crashed }, members, wants, seed) {
  for (let n = 0; n < members; n++) {
    const count = slots.filter(({ member }) => member === `m${n}`).length;
    if (!crashed.has(`m${n}`)) assert.equal(count, wants, `seed ${seed}: m${n}`);
  }
}

test("everybody is served in turn: while one waits, each other goes at most once", () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const random = seeded(seed);
    const members = 2 + below(7, random);
    const run = simulate(random, { members, wants: 5, lateMs: GAP_MS / 5, requestMs: 300 });
    assertFloor(run, seed);
    assertServed(run, members, 5, seed);
    for (const { member, since, grantedAt } of run.requested) {
      const others = run.slots.filter((slot) => slot.member !== member && slot.grantedAt > since && slot.grantedAt < grantedAt);
      assert.equal(new Set(others.map((slot) => slot.member)).size, others.length, `seed ${seed}: ${member} was passed over`);
    }
  }
});

test("the next slot is granted a gap after the headers, however long they took", () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const { slots } = simulate(seeded(seed), { members: 4, wants: 5, lateMs: 100, requestMs: 3 * GAP_MS });
    slots.slice(1).forEach(({ grantedAt }, n) => {
      assert.ok(grantedAt - slots[n].answeredAt >= GAP_MS, `seed ${seed}: ${grantedAt - slots[n].answeredAt} ms`);
    });
  }
});

test("crashes, freezes and a clock set back: the floor holds and the living are served", () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const random = seeded(1_000 + seed);
    const members = 2 + below(7, random);
    const lateMs = GAP_MS / 5;
    const run = simulate(random, { members, wants: 5, lateMs, requestMs: 0, crash: 0.3, freeze: 0.3, setBack: 3 });
    assertFloor(run, seed);
    assertServed(run, members, 5, seed);
  }
});

test("requests arrive a gap apart, also behind one whose member crashed or froze while it was on its way", () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const random = seeded(3_000 + seed);
    const members = 2 + below(7, random);
    const { slots } = simulate(random, { members, wants: 5, lateMs: 50, requestMs: 2 * MARGIN_MS, crash: 0.3, freeze: 0.3 });
    slots.slice(1).forEach(({ arrivedAt }, n) => {
      assert.ok(arrivedAt - slots[n].arrivedAt >= GAP_MS, `seed ${seed}: ${arrivedAt - slots[n].arrivedAt} ms`);
    });
  }
});

test("however long a request takes to arrive, the next one is a gap behind it where its member crashed meanwhile", () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const random = seeded(4_000 + seed);
    const members = 2 + below(7, random);
    const { slots } = simulate(random, { members, wants: 5, lateMs: 50, startsMs: WORD_LASTS_MS, requestMs: 3 * GAP_MS, crash: 0.5 });
    slots.slice(1).forEach(({ arrivedAt }, n) => {
      assert.ok(arrivedAt - slots[n].arrivedAt >= GAP_MS, `seed ${seed}: ${arrivedAt - slots[n].arrivedAt} ms`);
    });
  }
});

test("one that crashes while it waits or while its request is under way costs the others one gap at the most", () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const random = seeded(2_000 + seed);
    const members = 3 + below(4, random);
    const [lateMs, requestMs] = [50, 400];
    const { slots } = simulate(random, { members, wants: 6, lateMs, requestMs, crash: 1 / members });
    slots.slice(1).forEach(({ grantedAt }, n) => {
      // A gap after the headers, as ever; one that is lost; and timers that are late.
      const longest = requestMs + GAP_MS + GAP_MS + 2 * lateMs;
      assert.ok(grantedAt - slots[n].grantedAt <= longest, `seed ${seed}: ${grantedAt - slots[n].grantedAt} ms`);
    });
  }
});
