// Whose slot of a lane the next one is, among members that know of each other only through a record: tabs and workers of
// an origin, isolates of a Worker. Decisions only; whoever calls keeps the record, and makes reading, deciding and writing
// one step. All times are milliseconds on one wall clock.
//
// As in a lane itself, nobody wakes anybody: a member that has to wait is told when to ask again, and its promise to come
// is part of the record. Those that asked earlier go first, each with a little grace to be late in; one that does not come
// has gone, sleeps or is frozen, and is passed over.

// How late one that goes first may be, in gaps. A hidden tab's timers are up to a second late.
const GRACE = 0.25;

// How long one that did not come keeps its place in line, in gaps.
const PLACE_LASTS = 2;

// A record never keeps anybody away for longer, whatever was written into it: no pause is longer than a day.
const LONGEST_MS = 86_400_000;

// Asks for the next slot on behalf of `member`. `waitMs` 0: it is granted, and the lane closed for `gapMs` from `now`; else
// the time until the member should ask again.
export function reserve(record, { member, gapMs }, now) {
  const { closedUntil, waiting } = asOf(record, now);
  const present = waiting.filter(({ asksAt }) => asksAt + PLACE_LASTS * gapMs > now);
  const place = present.findIndex((other) => other.member === member);
  // No promise that was just broken is waited for; nor, however many may come, is the lane idle for longer than a gap.
  const comeBy = present.slice(0, place < 0 ? undefined : place).map(({ asksAt }) => asksAt + GRACE * gapMs);
  const turnAt = Math.min(Math.max(closedUntil, ...comeBy.filter((moment) => moment > now)), closedUntil + gapMs);
  if (turnAt <= now) {
    const others = present.filter((other) => other.member !== member);
    return { record: { at: now, closedUntil: now + gapMs, waiting: others }, waitMs: 0 };
  }
  present.splice(place < 0 ? present.length : place, 1, { member, asksAt: turnAt });
  return { record: { at: now, closedUntil, waiting: present }, waitMs: Math.ceil(turnAt - now) };
}

// Keeps the lane closed for `closedForMs` from `now` at the least.
export function hold(record, { closedForMs }, now) {
  const { closedUntil, waiting } = asOf(record, now);
  return { at: now, closedUntil: Math.max(closedUntil, now + closedForMs), waiting };
}

// The record as it stands `now`. If the clock went back since it was written, no time is taken to have passed: what was
// closed stays so for as long as it would have then.
function asOf(record, now) {
  const { at, closedUntil, waiting } = record ?? { at: now, closedUntil: now, waiting: [] };
  const back = Math.max(0, at - now);
  return {
    closedUntil: Math.min(closedUntil - back, now + LONGEST_MS),
    waiting: waiting.map(({ member, asksAt }) => ({ member, asksAt: asksAt - back })),
  };
}
