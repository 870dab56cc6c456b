//! The 2-second rule.
//!
//! The API asks for a floor between two requests to an endpoint. What counts is when they arrive, which we cannot see: a
//! request arrives somewhere between its start and the arrival of its response headers. So the next one starts no earlier
//! than a floor after the last one *started* and a floor after its headers *arrived*. From start to start alone a slow
//! first request (a cold connection, a CORS preflight) would be followed too closely as the server sees it.

use super::turn::Wait;

/// Timers may fire, and coarse clocks may read, up to this much early.
const EARLY_MS: f64 = 1.0;

/// What one 429 without a readable `Retry-After` adds to the gap (browsers hide the header unless the server exposes it).
const WIDEN_MS: f64 = 2_000.0;

/// How often to look whether a slow body has ended. Only the headers' arrival counts for the gap; the body, for being under way.
const BODY_CHECK_MS: f64 = 100.0;

/// A request that was given up before its headers came may arrive by so many floors later, where none was slower.
const LEAST_MARGIN: f64 = 0.25;

/// Nobody waits longer for one that was given up.
const MOST_MARGIN_MS: f64 = 10_000.0;

/// The gap never learns to be wider than the floor by more than this.
const WIDEST_MS: f64 = 30_000.0;

/// So many good answers in a row halve what was learned.
const GOOD_ANSWERS_TO_NARROW: f64 = 5.0;

/// So many requests are under way at once where a proxy does the spacing. Each is held for long, and browsers open no more than six
/// connections to an origin.
pub const MOST_UNDER_WAY: usize = 4;

/// Where all of them are under way, whoever waits looks again after so long, should nobody say that one has ended.
pub const LOOK_AGAIN_MS: f64 = 1_000.0;

/// When requests were made and when the next may be: numbers only, on one monotonic clock in milliseconds, so that it can
/// be shared by copying.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spacing {
    floor_ms: f64,
    started_at: f64,
    answered_at: f64,
    /// While a request is under way: when it will be given up for lost. Else 0.
    busy_until: f64,
    paused_until: f64,
    widened_ms: f64,
    good_answers: f64,
    /// The longest time to headers so far.
    slowest_ms: f64,
    /// Whether a proxy does the spacing: replies say so.
    is_paced: bool,
    /// Of each request under way through such a proxy: when it will be given up for lost.
    under_way_until: [f64; MOST_UNDER_WAY],
}

impl Default for Spacing {
    fn default() -> Self {
        let never = f64::NEG_INFINITY;
        Self {
            floor_ms: 0.0,
            started_at: never,
            answered_at: never,
            busy_until: 0.0,
            paused_until: never,
            widened_ms: 0.0,
            good_answers: 0.0,
            slowest_ms: 0.0,
            is_paced: false,
            under_way_until: [0.0; MOST_UNDER_WAY],
        }
    }
}

/// How many numbers a [`Spacing`] is.
pub const RECORD_LENGTH: usize = 9 + MOST_UNDER_WAY;

impl Spacing {
    /// The floor is the largest that anyone on the lane asked for.
    pub fn require_floor(&mut self, floor_ms: f64) {
        self.floor_ms = self.floor_ms.max(floor_ms);
    }

    /// The least time from one request to the next, as it stands. Without a floor there is none to be early for.
    pub fn gap_ms(&self) -> f64 {
        let wanted_ms = self.floor_ms + self.widened_ms;
        if wanted_ms > 0.0 { wanted_ms + EARLY_MS } else { 0.0 }
    }

    /// The earliest permitted start, seen from `now`. While a request is under way that is a gap from now at the least, as
    /// its headers have yet to arrive.
    pub fn opens_at(&self, now: f64) -> f64 {
        if self.is_paced {
            let has_room = self.under_way_until.iter().any(|until| *until <= now);
            return self.paused_until.max(if has_room { now } else { now + LOOK_AGAIN_MS });
        }
        let last = self.started_at.max(self.answered_at);
        let opens_at = if self.busy_until <= now {
            // A request whose owner vanished (busy still, but in the past) counts as answered when it was given up.
            last.max(if self.busy_until > 0.0 { self.busy_until } else { last }) + self.gap_ms()
        } else if self.answered_at >= self.started_at {
            (last + self.gap_ms()).max(now + BODY_CHECK_MS)
        } else {
            now + self.gap_ms().max(EARLY_MS)
        };
        opens_at.max(self.paused_until)
    }

    /// Time since the last request started; infinite before the first.
    pub fn since_start_ms(&self, now: f64) -> f64 {
        now - self.started_at
    }

    /// For how much longer the server wants to be left alone.
    pub fn paused_for_ms(&self, now: f64) -> f64 {
        (self.paused_until - now).max(0.0)
    }

    /// What keeps the lane closed, if anything does.
    pub fn closed_by(&self, now: f64) -> Option<Wait> {
        let opens_at = self.opens_at(now);
        if opens_at <= now {
            None
        } else if self.paused_until >= opens_at {
            Some(Wait::Paused)
        } else if self.busy_until > now || self.is_paced {
            Some(Wait::InFlight)
        } else {
            Some(Wait::Spacing)
        }
    }

    /// A slot is taken for a request that may start: until then, or until it is forgotten, the lane is busy.
    pub fn reserve(&mut self, busy_until: f64, now: f64) {
        if !self.is_paced {
            self.busy_until = busy_until;
        } else if let Some(free) = self.under_way_until.iter_mut().find(|until| **until <= now) {
            *free = busy_until;
        }
    }

    /// Whether a proxy does the spacing.
    pub const fn is_paced(&self) -> bool {
        self.is_paced
    }

    /// A reply says that a proxy does the spacing, or that none does any more.
    pub fn pace(&mut self, is_paced: bool, now: f64) {
        if is_paced != self.is_paced {
            self.is_paced = is_paced;
            self.under_way_until = [0.0; MOST_UNDER_WAY];
            self.busy_until = 0.0;
            self.answered_at = self.answered_at.max(now);
        }
    }

    /// Whether a request is under way.
    pub fn is_busy(&self, now: f64) -> bool {
        self.busy_until > now || self.under_way_until.iter().any(|until| *until > now)
    }

    /// The request that was to be under way until then through a proxy that does the spacing has ended.
    pub fn landed(&mut self, busy_until: f64) {
        if let Some(known) = self.under_way_until.iter_mut().find(|until| **until == busy_until) {
            *known = 0.0;
        }
    }

    /// For how long the slot that was just taken is reserved, or its request under way.
    pub const fn busy_until(&self) -> f64 {
        self.busy_until
    }

    /// No request started in the slot that was reserved until `reserved_until`: it is others' for `closed_for_ms`, as if
    /// their request had been answered so that the lane opens then.
    pub fn give_back(&mut self, reserved_until: f64, closed_for_ms: f64, now: f64) {
        if self.busy_until == reserved_until {
            self.busy_until = 0.0;
            self.answered_at = self.answered_at.max(now + closed_for_ms - self.gap_ms());
        }
    }

    /// A request starts. It uses up its slot whatever becomes of it.
    pub fn started(&mut self, now: f64, busy_until: f64) {
        self.started_at = now;
        if !self.is_paced {
            self.busy_until = busy_until;
        }
    }

    /// The response headers of the request that started at `started_at` arrived.
    pub fn answered(&mut self, started_at: f64, now: f64) {
        if self.is_latest(started_at) {
            self.answered_at = now;
            // One that is held says nothing of how long the way is.
            if !self.is_paced {
                self.slowest_ms = self.slowest_ms.max(now - started_at);
            }
        }
    }

    /// The request that started at `started_at` was given up. Before its headers came it may still arrive: the next one keeps its
    /// gap from then, as far as anyone can tell.
    pub fn given_up(&mut self, started_at: f64, now: f64) {
        let may_arrive = self.is_latest(started_at) && self.answered_at < self.started_at && self.floor_ms > 0.0;
        self.ended(started_at, now);
        if may_arrive {
            self.answered_at += self.margin_ms();
        }
    }

    /// How much later than it was given up a request may still arrive.
    pub fn margin_ms(&self) -> f64 {
        self.slowest_ms.max(self.floor_ms * LEAST_MARGIN).min(MOST_MARGIN_MS)
    }

    /// Before a decision: where the clock went back, or was exchanged for another, moments to come say nothing. The lane is closed
    /// for one gap at the most.
    pub fn mind_clock(&mut self, now: f64) {
        if self.started_at.max(self.answered_at) > now + MOST_MARGIN_MS {
            (self.started_at, self.answered_at, self.busy_until) = (now, now, 0.0);
            self.under_way_until = [0.0; MOST_UNDER_WAY];
            self.paused_until = self.paused_until.min(now);
        }
    }

    /// The request that started at `started_at` came to its end: its body is read, or it failed, with or without headers.
    pub fn ended(&mut self, started_at: f64, now: f64) {
        if self.is_latest(started_at) {
            if self.answered_at < self.started_at {
                self.answered_at = now;
            }
            self.busy_until = 0.0;
        }
    }

    /// Word of a request may come after the lane gave it up, as when all timers stood still; meanwhile another may be under
    /// way, of which it says nothing.
    fn is_latest(&self, started_at: f64) -> bool {
        started_at == self.started_at
    }

    /// The answer was a good one: what was learned from refusals fades.
    pub fn accepted(&mut self) {
        self.good_answers += 1.0;
        if self.good_answers >= GOOD_ANSWERS_TO_NARROW {
            self.good_answers = 0.0;
            self.widened_ms = if self.widened_ms > WIDEN_MS / 4.0 { self.widened_ms / 2.0 } else { 0.0 };
        }
    }

    /// The server answered 429. Everyone on the lane stays away for as long as it asked, or, where it did not say, for a gap
    /// that grows with each refusal. Returns the pause.
    pub fn refused(&mut self, retry_after_ms: Option<f64>, now: f64) -> f64 {
        self.good_answers = 0.0;
        if retry_after_ms.is_none() {
            self.widened_ms = (self.widened_ms + WIDEN_MS).min(WIDEST_MS);
        }
        let pause_ms = retry_after_ms.unwrap_or(0.0).max(self.gap_ms());
        self.paused_until = self.paused_until.max(now + pause_ms);
        pause_ms
    }

    /// For how long another process must leave the lane alone if this one ends now. It will not learn when the answer to a
    /// request under way came, so that counts as answered at the moment when it would be given up.
    pub fn closed_for_ms(&self, now: f64) -> f64 {
        if self.is_paced {
            return self.paused_for_ms(now);
        }
        let opens_at = self.opens_at(self.busy_until.max(now));
        (opens_at - now).max(0.0)
    }

    /// Keeps the lane closed for requests of which only another process knows.
    pub fn stay_closed(&mut self, for_ms: f64, now: f64) {
        self.paused_until = self.paused_until.max(now + for_ms);
    }

    /// Whether forgetting this lane would change nothing any more.
    pub fn is_idle(&self, now: f64) -> bool {
        !self.is_busy(now) && self.opens_at(now) <= now
    }

    /// The numbers, to share.
    pub fn record(&self) -> [f64; RECORD_LENGTH] {
        let [first, second, third, fourth] = self.under_way_until;
        [
            self.floor_ms,
            self.started_at,
            self.answered_at,
            self.busy_until,
            self.paused_until,
            self.widened_ms,
            self.good_answers,
            self.slowest_ms,
            f64::from(u8::from(self.is_paced)),
            first,
            second,
            third,
            fourth,
        ]
    }

    /// From shared numbers.
    pub fn from_record(record: [f64; RECORD_LENGTH]) -> Self {
        let [
            floor_ms,
            started_at,
            answered_at,
            busy_until,
            paused_until,
            widened_ms,
            good_answers,
            slowest_ms,
            is_paced,
            under_way_until @ ..,
        ] = record;
        let is_paced = is_paced == 1.0;
        Self {
            floor_ms,
            started_at,
            answered_at,
            busy_until,
            paused_until,
            widened_ms,
            good_answers,
            slowest_ms,
            is_paced,
            under_way_until,
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    fn spacing() -> Spacing {
        let mut spacing = Spacing::default();
        spacing.require_floor(2_000.0);
        spacing
    }

    #[test]
    fn a_fresh_lane_is_open() {
        assert!(spacing().opens_at(0.0) <= 0.0);
        assert!(spacing().is_idle(0.0));
    }

    #[test]
    fn the_gap_counts_from_the_answer_and_never_from_less_than_the_start() {
        let mut spacing = spacing();
        spacing.started(1_000.0, 31_000.0);
        assert_eq!(spacing.opens_at(1_500.0), 3_501.0, "under way: a gap from now at the least");
        spacing.answered(1_000.0, 1_700.0);
        spacing.ended(1_000.0, 1_700.0);
        assert_eq!(spacing.opens_at(1_700.0), 3_701.0);
        assert_eq!(spacing.opens_at(9_000.0), 3_701.0, "idle time earns no credit");
    }

    #[test]
    fn a_slow_body_keeps_the_lane_busy_but_does_not_move_the_gap() {
        let mut spacing = spacing();
        spacing.started(0.0, 31_000.0);
        spacing.answered(0.0, 300.0);
        assert_eq!(spacing.opens_at(1_000.0), 2_301.0);
        assert_eq!(spacing.opens_at(2_301.0), 2_401.0, "look again");
        spacing.ended(0.0, 2_390.0);
        assert_eq!(spacing.opens_at(2_401.0), 2_301.0);
    }

    #[test]
    fn late_word_of_a_request_given_up_says_nothing_of_the_one_under_way() {
        let mut spacing = spacing();
        spacing.started(0.0, 31_000.0);
        spacing.started(52_000.0, 83_000.0);
        spacing.answered(0.0, 52_001.0);
        spacing.ended(0.0, 52_001.0);
        assert_eq!((spacing.opens_at(60_000.0), spacing.closed_by(60_000.0)), (62_001.0, Some(Wait::InFlight)));
    }

    #[test]
    fn the_largest_floor_counts() {
        let mut spacing = spacing();
        spacing.require_floor(500.0);
        spacing.started(0.0, 1.0);
        spacing.ended(0.0, 0.0);
        assert_eq!(spacing.opens_at(0.0), 2_001.0);
    }

    #[test]
    fn without_a_floor_requests_follow_each_other_one_at_a_time() {
        let mut spacing = Spacing::default();
        spacing.started(0.0, 31_000.0);
        assert_eq!((spacing.opens_at(5.0), spacing.closed_by(5.0)), (6.0, Some(Wait::InFlight)));
        spacing.ended(0.0, 7.0);
        assert_eq!((spacing.opens_at(7.0), spacing.closed_by(7.0)), (7.0, None));
        assert_eq!(spacing.refused(None, 7.0), 2_001.0);
    }

    #[test]
    fn retry_after_pauses_everyone_but_never_less_than_a_gap() {
        let mut spacing = spacing();
        spacing.started(0.0, 1.0);
        spacing.ended(0.0, 0.0);
        assert_eq!(spacing.refused(Some(7_000.0), 100.0), 7_000.0);
        assert_eq!(spacing.opens_at(100.0), 7_100.0);
        assert_eq!(spacing.refused(Some(0.0), 100.0), 2_001.0);
        assert_eq!(spacing.opens_at(100.0), 7_100.0, "a shorter pause does not lift a longer one");
    }

    #[test]
    fn unexplained_refusals_widen_the_gap_and_good_answers_narrow_it_again() {
        let mut spacing = spacing();
        spacing.refused(None, 0.0);
        assert_eq!(spacing.gap_ms(), 4_001.0);
        for _ in 0..100 {
            spacing.refused(None, 0.0);
        }
        assert_eq!(spacing.gap_ms(), 32_001.0);
        for _ in 0..60 {
            spacing.accepted();
        }
        assert_eq!(spacing.gap_ms(), 2_001.0);
    }

    #[test]
    fn another_process_stays_away_for_as_long_as_this_one_would_have() {
        let mut spacing = spacing();
        assert_eq!(spacing.closed_for_ms(0.0), 0.0);
        spacing.started(0.0, 31_000.0);
        assert_eq!(spacing.closed_for_ms(100.0), 30_900.0 + 2_001.0, "its answer will not be heard");
        spacing.ended(0.0, 500.0);
        assert_eq!(spacing.closed_for_ms(600.0), 1_901.0);
        let mut other = Spacing::default();
        other.stay_closed(1_901.0, 7.0);
        assert_eq!((other.opens_at(7.0), other.closed_by(7.0)), (1_908.0, Some(Wait::Paused)));
    }

    #[test]
    fn a_request_given_up_before_its_headers_may_still_arrive() {
        let mut spacing = spacing();
        spacing.started(0.0, 30_000.0);
        spacing.given_up(0.0, 10.0);
        assert_eq!(spacing.opens_at(10.0), 10.0 + 500.0 + 2_001.0, "a quarter of the floor, where nothing is known");
        spacing.started(3_000.0, 33_000.0);
        spacing.answered(3_000.0, 3_900.0);
        spacing.given_up(3_000.0, 4_000.0);
        assert_eq!(spacing.opens_at(4_000.0), 5_901.0, "its headers came");
        spacing.started(6_000.0, 36_000.0);
        spacing.given_up(6_000.0, 6_050.0);
        assert_eq!(spacing.opens_at(6_050.0), 6_050.0 + 900.0 + 2_001.0, "the longest time to headers so far");
        let mut without_floor = Spacing::default();
        without_floor.started(0.0, 30_000.0);
        without_floor.given_up(0.0, 10.0);
        assert_eq!(without_floor.opens_at(10.0), 10.0);
    }

    #[test]
    fn a_clock_that_goes_back_closes_the_lane_for_one_gap() {
        let mut spacing = spacing();
        spacing.started(900_000.0, 930_000.0);
        spacing.refused(Some(60_000.0), 900_100.0);
        spacing.mind_clock(5.0);
        assert_eq!(spacing.opens_at(5.0), 2_006.0);
        spacing.mind_clock(1_000.0);
        assert_eq!(spacing.opens_at(1_000.0), 2_006.0);
    }

    #[test]
    fn where_a_proxy_does_the_spacing_four_are_under_way_and_the_next_looks_again() {
        let mut spacing = spacing();
        spacing.started(0.0, 31_000.0);
        spacing.pace(true, 50.0);
        for until in [31_051.0, 31_052.0, 31_053.0, 31_054.0] {
            assert_eq!((spacing.opens_at(51.0), spacing.closed_by(51.0)), (51.0, None));
            spacing.reserve(until, 51.0);
            spacing.started(51.0, until);
        }
        assert_eq!((spacing.opens_at(60.0), spacing.closed_by(60.0)), (1_060.0, Some(Wait::InFlight)));
        assert_eq!(spacing.closed_for_ms(60.0), 0.0, "another process has the proxy to pace it");
        spacing.landed(31_052.0);
        spacing.landed(31_052.0);
        assert_eq!(spacing.opens_at(61.0), 61.0);
        spacing.reserve(40_000.0, 61.0);
        assert_eq!(spacing.closed_by(61.0), Some(Wait::InFlight));
        assert!(!spacing.is_idle(31_053.0) && spacing.is_idle(40_000.0), "one whose owner vanished is forgotten");
        spacing.refused(Some(5_000.0), 61.0);
        assert_eq!((spacing.opens_at(62.0), spacing.closed_by(62.0)), (5_061.0, Some(Wait::Paused)));
    }

    #[test]
    fn where_a_proxy_does_the_spacing_no_more_the_next_request_waits_a_gap_from_then() {
        let mut spacing = spacing();
        spacing.pace(true, 0.0);
        spacing.reserve(31_000.0, 0.0);
        spacing.started(0.0, 31_000.0);
        spacing.pace(false, 19_000.0);
        assert_eq!(spacing.opens_at(19_001.0), 21_001.0);
        spacing.landed(31_000.0);
        spacing.started(21_001.0, 52_001.0);
        assert_eq!((spacing.opens_at(21_002.0), spacing.closed_by(21_002.0)), (23_003.0, Some(Wait::InFlight)));
    }

    #[test]
    fn numbers_of_a_copy_that_knows_no_such_proxy_mean_that_there_is_none() {
        let mut record = spacing().record();
        record.iter_mut().skip(8).for_each(|number| *number = f64::NAN);
        let spacing = Spacing::from_record(record);
        assert!(!spacing.is_paced() && spacing.is_idle(0.0));
    }

    #[test]
    fn numbers_carry_everything() {
        let mut spacing = spacing();
        spacing.pace(true, 4.0);
        spacing.reserve(9.0, 4.0);
        spacing.started(5.0, 6.0);
        spacing.refused(None, 7.0);
        assert_eq!(Spacing::from_record(spacing.record()), spacing);
    }
}
