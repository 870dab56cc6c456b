// Whose slot of a lane the next one is, among members that know of each other only through a record: tabs and workers of
// an origin, isolates of a Worker. Decisions only; whoever calls keeps the record, and makes reading, deciding and writing
// one step. All times are milliseconds on one wall clock.
//
// As in a lane itself, nobody wakes anybody: a member that has to wait learns when to ask again, and its promise to come
// is part of the record. Those that asked earlier go first, each with a little grace to be late in; one that does not come
// has gone, sleeps or is frozen, and is passed over.
//
// A granted slot and a hold close the lane for a gap, and for a margin more that its member takes back when its request is answered:
// should it crash before, the request may still arrive.
//
// A record may hold anything, as others write it too: what is not as it must be does not count, each part by itself, and a
// lane of which nothing is known is closed for a gap.

// How late one that goes first may be, in gaps. A hidden tab's timers are up to a second late.
const GRACE = 0.25;

// How much longer than a gap a granted slot closes the lane, in gaps, until its member says more: its request may start half a gap
// later, and arrive a quarter after that.
const MARGIN = 0.75;

// How long one that did not come keeps its place in line, in gaps.
const PLACE_LASTS = 2;

// A record never keeps anybody away for longer, unless the caller says less: no pause is longer than a day.
const LONGEST_MS = 86_400_000;

// The gap of a lane, where nobody says.
const USUAL_GAP_MS = 2_000;

// No request is taken to arrive later.
const LONGEST_MARGIN_MS = 10_000;

// How many wait in line. Those behind them ask again all the same.
const MOST_WAITING = 1_000;

// Asks for the next slot on behalf of `member`. `waitMs` 0: it is granted, and the lane closed for `gapMs` from `now`; else
// the time until the member should ask again, which is `longestMs` at the most.
export function reserve(record, { member, gapMs }, now, longestMs = LONGEST_MS) {
  const { margin, waiting, ...known } = asOf(record, now, { gapMs, longestMs });
  // The margin is nearly always taken back by then, so nobody has to come later for it; and a member knows of its own requests.
  const hasNoMargin = known.closedUntil > now || margin === undefined || margin.member === member;
  const closedUntil = known.closedUntil + (hasNoMargin ? 0 : margin.ms);
  // No member ever has to come later than a gap after the lane opens.
  const latest = Math.max(closedUntil, now) + gapMs;
  const promises = waiting.map((other) => ({ ...other, asksAt: Math.min(other.asksAt, latest) }));
  const present = promises.filter(({ asksAt }) => asksAt + PLACE_LASTS * gapMs > now);
  const place = present.findIndex((other) => other.member === member);
  // No promise that was just broken is waited for; nor, however many may come, is the lane idle for longer than a gap.
  const comeBy = present.slice(0, place < 0 ? undefined : place).map(({ asksAt }) => asksAt + GRACE * gapMs);
  const turnAt = Math.min(Math.max(closedUntil, ...comeBy.filter((moment) => moment > now)), Math.max(closedUntil, known.closedUntil + gapMs), now + longestMs);
  if (turnAt <= now) {
    const others = present.filter((other) => other.member !== member);
    return { record: { at: now, closedUntil: now + gapMs, waiting: others, margin: { member, ms: MARGIN * gapMs } }, waitMs: 0 };
  }
  present.splice(place < 0 ? present.length : place, 1, { member, asksAt: turnAt });
  return { record: { at: now, closedUntil: known.closedUntil, waiting: present.slice(0, MOST_WAITING), ...(margin && { margin }) }, waitMs: Math.ceil(turnAt - now) };
}

// Keeps the lane closed for `closedForMs` from `now` at the least, and for `marginMs` more until `member` holds it anew.
export function hold(record, { member, closedForMs, marginMs = 0 }, now, longestMs = LONGEST_MS) {
  const { closedUntil, waiting, margin } = asOf(record, now, { longestMs });
  const others = margin !== undefined && margin.member !== member ? margin : undefined;
  const own = marginMs > 0 ? { member, ms: Math.min(marginMs, longestMs) } : others;
  return { at: now, closedUntil: Math.max(closedUntil, now + closedForMs), waiting, ...(own && { margin: own }) };
}

// The record as it stands `now`. If the clock went back since it was written, no time is taken to have passed: what was
// closed stays so for as long as it would have then.
export function asOf(record, now, { gapMs = USUAL_GAP_MS, longestMs = LONGEST_MS } = {}) {
  if (record === undefined) return { at: now, closedUntil: now, waiting: [] };
  const { at, closedUntil, waiting, margin } = record ?? {};
  const back = Number.isFinite(at) ? Math.max(0, at - now) : 0;
  const known = marginOf(margin, gapMs);
  const places = Array.isArray(waiting) ? waiting.slice(0, MOST_WAITING).filter(isPlace) : [];
  return {
    at: now,
    closedUntil: Math.min(Number.isFinite(closedUntil) ? closedUntil - back : now + gapMs, now + longestMs),
    waiting: places.map(({ member, asksAt }) => ({ member, asksAt: asksAt - back })),
    ...(known && { margin: known }),
  };
}

// No margin is longer than a gap or a slow answer.
function marginOf(value, gapMs) {
  const { member, ms } = value ?? {};
  return typeof member === "string" && ms > 0 ? { member, ms: Math.min(ms, Math.max(gapMs, LONGEST_MARGIN_MS)) } : undefined;
}

function isPlace(value) {
  return typeof value?.member === "string" && Number.isFinite(value.asksAt);
}
