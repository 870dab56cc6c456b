//! A poll set down and taken up again, in this process or another.
//!
//! Monotonic clocks mean nothing elsewhere, so moments are kept as distances from the saving, whose moment the wall clock
//! shows. A wall clock may be wrong and a text may have been tampered with, so nothing here is believed: whatever comes back
//! is a poll that keeps its floor and its life.

use super::machine::{Effect, Plan, Poll};
use crate::core::lane::OWNER_GONE_MS;
use crate::core::observed::Observed;
use crate::core::retry::LONGEST_RETRY_AFTER_MS;

/// No distance between two moments of a poll is longer: some thirty years.
const LONGEST_MS: f64 = 1e12;

/// The state of a poll as it is kept: no token, no document content, no moment of a clock that another process has not.
#[derive(Clone, Debug, PartialEq)]
pub struct Saved {
    /// What was asked of the poll.
    pub plan: Plan,
    /// The wall clock at the saving.
    pub wall_at: f64,
    /// How long the poll had lived.
    pub elapsed_ms: f64,
    /// How long after the saving it wanted its next poll.
    pub due_in_ms: f64,
    /// How long before the saving its last request started.
    pub sent_ago_ms: Option<f64>,
    /// How long before the saving its last reply came; `heardAgoMs` in the text.
    pub answered_ago_ms: Option<f64>,
    /// Polls that reached the network.
    pub attempts: u32,
    /// Transient failures since the last good answer.
    pub failures_in_a_row: u32,
    /// What it saw.
    pub observed: Observed,
    /// How long after the saving its lane was to stay closed, by
    /// [`Spacing::closed_for_ms`](crate::core::lane::Spacing::closed_for_ms).
    pub opens_in_ms: f64,
}

impl Saved {
    /// For how much longer the lane has to stay closed, for a lane that knows of no requests
    /// ([`Spacing::stay_closed`](crate::core::lane::Spacing::stay_closed)). No longer than one request and its gap could have
    /// closed it, whatever the text says.
    pub fn closed_for_ms(&self, wall_now: f64) -> f64 {
        let Plan { request_timeout_ms, interval_ms, .. } = self.plan.made_sane();
        let longest_ms = request_timeout_ms + OWNER_GONE_MS + interval_ms;
        sane(sane(self.opens_in_ms, 0.0, longest_ms) - self.away_ms(wall_now), 0.0, longest_ms)
    }

    /// Gives the poll `timeout_ms` more from now on. Without, it keeps what it had left, or where that is nothing has
    /// `otherwise_ms`.
    pub fn allow(&mut self, timeout_ms: Option<f64>, otherwise_ms: f64, wall_now: f64) {
        let lived_ms = sane(self.elapsed_ms, 0.0, LONGEST_MS) + self.away_ms(wall_now);
        let left_ms = self.plan.timeout_ms - lived_ms;
        if let Some(more_ms) = timeout_ms.or((left_ms <= 0.0).then_some(otherwise_ms)) {
            self.plan.timeout_ms = lived_ms + more_ms;
        }
    }

    /// The time since the saving. A wall clock that went back says nothing, and nothing is taken off any wait.
    fn away_ms(&self, wall_now: f64) -> f64 {
        sane(wall_now - self.wall_at, 0.0, LONGEST_MS)
    }
}

impl Poll {
    /// The poll's state, for another process to take up. Saved while its request is under way, it must be saved after
    /// [`Poll::sent`], or that request is forgotten.
    pub fn save(&self, opens_in_ms: f64, now: f64, wall_now: f64) -> Saved {
        Saved {
            plan: self.plan,
            wall_at: wall_now,
            elapsed_ms: now - self.created_at,
            due_in_ms: self.due_at - now,
            sent_ago_ms: self.last_sent_at.map(|sent_at| now - sent_at),
            answered_ago_ms: self.last_answer_at.map(|answer_at| now - answer_at),
            attempts: self.attempts,
            failures_in_a_row: self.failures_in_a_row,
            observed: self.observed.clone(),
            opens_in_ms,
        }
    }

    /// Takes the poll up again, and says what to do first. The time away counts as lived; one whose deadline passed
    /// meanwhile still has its last poll.
    pub fn restore(saved: Saved, now: f64, wall_now: f64) -> (Self, Effect) {
        let plan = saved.plan.made_sane();
        let away_ms = saved.away_ms(wall_now);
        let ago = |ago_ms: f64| now - sane(ago_ms, 0.0, LONGEST_MS) - away_ms;
        // A deadline that passed meanwhile leaves time for a last poll.
        let created_at = ago(saved.elapsed_ms).max(now + plan.lead_ms() - plan.timeout_ms);
        let last_sent_at = saved.sent_ago_ms.map(ago);
        let due_at = now + sane(saved.due_in_ms, 0.0, LONGEST_RETRY_AFTER_MS) - away_ms;
        let floor_over_at = last_sent_at.map_or(now, |sent_at| sent_at + plan.floor_ms);
        let mut poll = Self {
            plan,
            created_at,
            due_at,
            last_sent_at,
            last_answer_at: saved.answered_ago_ms.map(ago),
            attempts: saved.attempts,
            failures_in_a_row: saved.failures_in_a_row,
            not_json_in_a_row: 0,
            observed: saved.observed,
            nudged: false,
            latest_failure: None,
        };
        if poll.owes_a_last_poll() {
            poll.due_at = poll.due_at.min(poll.last_poll_at());
        }
        poll.due_at = poll.due_at.max(floor_over_at).max(now);
        let effect = poll.poll();
        (poll, effect)
    }
}

impl Plan {
    /// The nearest plan that the options could have asked for.
    fn made_sane(self) -> Self {
        let floor_ms = sane(self.floor_ms, 0.0, LONGEST_RETRY_AFTER_MS);
        Self {
            interval_ms: sane(self.interval_ms, floor_ms, LONGEST_RETRY_AFTER_MS),
            floor_ms,
            timeout_ms: if self.timeout_ms == f64::INFINITY {
                f64::INFINITY
            } else {
                sane(self.timeout_ms, 0.0, LONGEST_MS)
            },
            initial_delay_ms: sane(self.initial_delay_ms, 0.0, LONGEST_RETRY_AFTER_MS),
            request_timeout_ms: sane(self.request_timeout_ms, 1.0, LONGEST_RETRY_AFTER_MS),
            ..self
        }
    }
}

/// `value`, or the nearest that is allowed; of what is no number, the least.
fn sane(value: f64, least: f64, most: f64) -> f64 {
    if value >= least { value.min(most) } else { least }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::core::poll::machine::Event;
    use crate::core::response::Outcome;

    const PLAN: Plan = Plan {
        interval_ms: 5_000.0,
        floor_ms: 2_000.0,
        timeout_ms: 60_000.0,
        initial_delay_ms: 0.0,
        max_retries: 5,
        request_timeout_ms: 30_000.0,
        once: false,
    };

    /// Polled at 100 and 5 100, saved at 6 000, when the wall clock said 1 000 000.
    fn saved() -> Saved {
        let (mut poll, _) = Poll::new(PLAN, 100.0);
        for sent_at in [100.0, 5_100.0] {
            poll.sent(sent_at);
            poll.step(Event::Read(Outcome::Waiting), sent_at + 200.0);
        }
        poll.save(1_301.0, 6_000.0, 1_000_000.0)
    }

    fn due_at(effect: &Effect) -> f64 {
        match effect {
            Effect::Poll { due_at, .. } => *due_at,
            end => panic!("{end:?}"),
        }
    }

    #[test]
    fn it_goes_on_as_if_it_had_never_stopped() {
        let (mut poll, effect) = Poll::restore(saved(), 70.0, 1_001_000.0);
        assert_eq!(due_at(&effect), 70.0 + 3_100.0);
        assert_eq!((poll.attempts(), poll.elapsed_ms(70.0), poll.waiting_since()), (2, 6_900.0, 70.0 - 1_700.0));
        poll.sent(3_170.0);
        let effect = poll.step(Event::Read(Outcome::Waiting), 3_200.0);
        assert_eq!(due_at(&effect), 8_170.0);
    }

    #[test]
    fn time_away_counts_but_a_wall_clock_that_went_back_does_not() {
        assert_eq!(saved().closed_for_ms(1_000_400.0), 901.0);
        assert_eq!(saved().closed_for_ms(1_009_000.0), 0.0);
        assert_eq!(saved().closed_for_ms(0.0), 1_301.0);
        assert_eq!(due_at(&Poll::restore(saved(), 0.0, 0.0).1), 4_100.0);
    }

    #[test]
    fn a_text_closes_the_lane_for_no_longer_than_one_request_and_its_gap_could_have() {
        let saved = Saved { opens_in_ms: 86_400_000.0, ..saved() };
        assert_eq!(saved.closed_for_ms(1_000_000.0), 30_000.0 + 1_000.0 + 5_000.0);
    }

    #[test]
    fn a_deadline_that_passed_meanwhile_leaves_one_last_poll() {
        let (mut poll, effect) = Poll::restore(saved(), 9.0, 2_000_000.0);
        assert_eq!(effect, Effect::Poll { due_at: 9.0, urgent_from: 9.0, give_up_at: 2_009.0 });
        assert_eq!(poll.sent(9.0), 2_000.0);
        poll.step(Event::Read(Outcome::Waiting), 20.0);
        assert!(poll.wish().due_at > 2_009.0, "no other is owed");
        assert!(matches!(poll.step(Event::Lapsed, 2_009.0), Effect::Fail(_)));
    }

    #[test]
    fn a_poll_out_of_time_is_given_more() {
        let deadline = |given_ms, wall_now| {
            let mut saved = saved();
            saved.allow(given_ms, 1_800_000.0, wall_now);
            let Effect::Poll { give_up_at, .. } = Poll::restore(saved, 0.0, wall_now).1 else { panic!() };
            give_up_at
        };
        assert_eq!(deadline(None, 1_000_000.0), 60_000.0 - 5_900.0, "what was left");
        assert_eq!(deadline(Some(7_000.0), 1_000_000.0), 7_000.0);
        assert_eq!(deadline(None, 9_000_000.0), 1_800_000.0);
        assert_eq!(deadline(Some(7_000.0), 9_000_000.0), 7_000.0);
        assert_eq!(deadline(Some(f64::INFINITY), 9_000_000.0), f64::INFINITY);
    }

    #[test]
    fn what_was_seen_is_not_forgotten() {
        let (mut poll, _) = Poll::restore(saved(), 0.0, 1_000_000.0);
        let Effect::Fail(failure) = poll.step(Event::Lapsed, 60_000.0) else { panic!() };
        assert_eq!(failure.observed.unwrap().times("waiting"), 2);
    }

    fn any_number() -> impl Strategy<Value = f64> {
        prop_oneof![4 => any::<f64>(), 4 => -1e5..1e5_f64, 1 => Just(f64::NAN), 1 => Just(f64::INFINITY), 1 => Just(0.0)]
    }

    proptest! {
        #[test]
        fn whatever_comes_back_keeps_its_floor_and_its_life(
            numbers in prop::array::uniform10(any_number()),
            sent_ago_ms in prop::option::of(any_number()),
            answered_ago_ms in prop::option::of(any_number()),
            counts in any::<(u32, u32, u32)>(),
            now in 0.0..1e9_f64,
            wall_now in any_number(),
        ) {
            let [interval_ms, floor_ms, timeout_ms, initial_delay_ms, request_timeout_ms, ..] = numbers;
            let [.., wall_at, elapsed_ms, due_in_ms, opens_in_ms, late] = numbers;
            let (max_retries, attempts, failures_in_a_row) = counts;
            let saved = Saved {
                plan: Plan {
                    interval_ms,
                    floor_ms,
                    timeout_ms,
                    initial_delay_ms,
                    request_timeout_ms,
                    max_retries,
                    once: false,
                },
                wall_at,
                elapsed_ms,
                due_in_ms,
                sent_ago_ms,
                answered_ago_ms,
                attempts,
                failures_in_a_row,
                observed: Observed::default(),
                opens_in_ms,
            };
            let closed_for_ms = saved.closed_for_ms(wall_now);
            prop_assert!((0.0..=2.0 * LONGEST_RETRY_AFTER_MS + 1_000.0).contains(&closed_for_ms));
            let away_ms = if wall_now - wall_at > 0.0 { wall_now - wall_at } else { 0.0 };
            let (mut poll, effect) = Poll::restore(saved, now, wall_now);
            let Effect::Poll { due_at, give_up_at, .. } = effect else { panic!("{effect:?}") };
            prop_assert!(due_at >= now && due_at.is_finite());
            if let (Some(sent_ago_ms), true) = (sent_ago_ms, (0.0..1e9).contains(&floor_ms)) {
                let allowed_in_ms = floor_ms.min(LONGEST_RETRY_AFTER_MS) - sent_ago_ms.max(0.0) - away_ms;
                prop_assert!(due_at - now >= allowed_in_ms - 1e-3, "{} {}", due_at - now, allowed_in_ms);
            }
            if timeout_ms < 1e9 {
                prop_assert!(give_up_at <= now + timeout_ms.max(0.0) + LONGEST_RETRY_AFTER_MS);
            }
            let later = due_at + if late > 0.0 { late.min(1e9) } else { 0.0 };
            prop_assert!(poll.sent(later).is_finite());
            poll.step(Event::Read(Outcome::Waiting), later);
        }
    }
}
