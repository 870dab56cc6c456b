//! Which batch to ask for next: the one that has probably been finished, and unreported, for longest.
//!
//! The measure of a batch is the delay it is expected to have suffered already: for each moment since its last reply,
//! the chance that it was finished by then, added up. It grows with every moment unheard, faster where the batch is likely
//! to finish, hardly at all where it cannot have finished yet. Where nothing is known of any size it grows with the time
//! unheard alone, and the batches take turns.

use super::forecast::{Forecast, lasting};

/// One waiter's wish for a slot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Claim {
    /// Unique on the lane; smaller is older.
    pub ticket: u32,
    /// Wants no slot before this.
    pub due_at: f64,
    /// The last reply for the batch, or its beginning.
    pub waiting_since: f64,
    /// From this moment on it goes before all that are not urgent.
    pub urgent_from: f64,
    /// Since when the batch is in work, as far as is known.
    pub begun_at: f64,
    /// How many files the batch has: the caller's hint, or what the last reply showed if that is more. 0 where unknown.
    pub expected_files: f32,
    /// How many of them the last reply showed final.
    pub finished_files: f32,
    /// Its weight among the others: 1 is usual, 2 makes a second of its delay count for two.
    pub priority: f32,
    /// On whose behalf: the fingerprint of a visitor, 0 for nobody's.
    pub visitor: u64,
    /// Which batch a visitor asks for: its fingerprint. 0 where there is no visitor.
    pub batch: u64,
}

impl Claim {
    /// A claim on behalf of a batch of which nothing else is known.
    pub const fn new(ticket: u32, due_at: f64, waiting_since: f64) -> Self {
        Self {
            ticket,
            due_at,
            waiting_since,
            urgent_from: f64::INFINITY,
            begun_at: waiting_since,
            expected_files: 0.0,
            finished_files: 0.0,
            priority: 1.0,
            visitor: 0,
            batch: 0,
        }
    }
}

/// No weight outweighs another by more than this.
const HEAVIEST: f64 = 1e6;

/// How the expected delay of one batch grows.
#[derive(Clone, Copy, Debug)]
pub struct Outlook {
    /// When its last reply came, in medians of its duration; 0 where unknown.
    replied_after: f64,
    /// Medians per millisecond; 0 where nothing is known.
    pace: f64,
    priority: f64,
}

impl Outlook {
    /// The outlook of `claim`.
    pub fn new(claim: &Claim, forecast: &Forecast) -> Self {
        let priority = if claim.priority > 0.0 { f64::from(claim.priority).min(HEAVIEST) } else { 1.0 };
        let (mut replied_after, mut pace) = (0.0, 0.0);
        let known = claim.expected_files > 0.0;
        let (files, finished) = (
            if known { claim.expected_files.into() } else { forecast.typical_files() },
            f64::from(claim.finished_files),
        );
        if files > 0.0 {
            let replied_after_ms = (claim.waiting_since - claim.begun_at).max(0.0);
            let median_ms = forecast.median_ms(files);
            if finished > 0.0 {
                // What remains takes its time from the last reply on, each file as long as those seen so far, of which the
                // guess counts as one.
                let per_file_ms = (replied_after_ms + median_ms / files) / (finished + 1.0);
                pace = 1.0 / (per_file_ms * (files - finished).max(1.0));
            } else {
                pace = 1.0 / median_ms;
                replied_after = replied_after_ms * pace;
            }
        }
        Self { replied_after, pace, priority }
    }

    /// The delay expected to have accrued `since_reply_ms` after its last reply, times its weight.
    pub fn accrued(&self, since_reply_ms: f64) -> f64 {
        let since_reply_ms = since_reply_ms.max(0.0);
        let share = if self.pace > 0.0 {
            // Simpson's rule over the chance that it is still in work, given that it was at `replied_after`.
            let passed = since_reply_ms * self.pace;
            let (half_way, now) = (lasting(self.replied_after + passed / 2.0), lasting(self.replied_after + passed));
            1.0 - (1.0 + (4.0 * half_way + now) / lasting(self.replied_after)) / 6.0
        } else {
            // As likely finished as not.
            0.5
        };
        since_reply_ms * share.max(0.0) * self.priority
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn claim(expected_files: f32, finished_files: f32, replied_after_ms: f64) -> Claim {
        Claim { begun_at: 0.0, expected_files, finished_files, ..Claim::new(0, 0.0, replied_after_ms) }
    }

    fn accrued(claim: Claim, since_reply_ms: f64) -> f64 {
        Outlook::new(&claim, &Forecast::default()).accrued(since_reply_ms)
    }

    #[test]
    fn a_small_batch_is_polled_before_a_large_one_and_a_large_one_in_its_time() {
        assert!(accrued(claim(1.0, 0.0, 0.0), 8_000.0) > 10.0 * accrued(claim(20.0, 0.0, 0.0), 8_000.0));
        let just_replied = accrued(claim(1.0, 0.0, 58_000.0), 2_000.0);
        assert!(accrued(claim(20.0, 0.0, 0.0), 60_000.0) > just_replied);
    }

    #[test]
    fn before_two_fifths_of_its_time_a_batch_has_next_to_nothing_to_report() {
        let median_ms = Forecast::default().median_ms(20.0);
        assert!(accrued(claim(20.0, 0.0, 0.0), 0.4 * median_ms) < 0.02 * 0.4 * median_ms);
    }

    #[test]
    fn one_that_is_nearly_through_goes_before_one_that_has_hardly_begun() {
        let (far, near) = (claim(10.0, 2.0, 30_000.0), claim(10.0, 9.0, 30_000.0));
        assert!(accrued(near, 5_000.0) > 10.0 * accrued(far, 5_000.0));
    }

    #[test]
    fn priority_is_a_factor() {
        let plain = claim(3.0, 0.0, 0.0);
        assert_eq!(accrued(Claim { priority: 3.0, ..plain }, 9_000.0), 3.0 * accrued(plain, 9_000.0));
        for nonsense in [0.0, -1.0, f32::NAN] {
            assert_eq!(accrued(Claim { priority: nonsense, ..plain }, 9_000.0), accrued(plain, 9_000.0));
        }
    }

    proptest! {
        #[test]
        fn it_grows_with_time_and_is_never_more_than_the_time_without_reply(
            files in prop_oneof![Just(0.0), Just(f32::NAN), 0.01..2_000.0_f32],
            finished in prop_oneof![Just(0.0), 1.0..3_000.0_f32],
            replied_after_ms in 0.0..1e7_f64,
            since_reply_ms in 0.0..1e7_f64,
        ) {
            let claim = claim(files, finished, replied_after_ms);
            let (earlier, later) = (accrued(claim, since_reply_ms), accrued(claim, since_reply_ms * 1.25 + 10.0));
            prop_assert!((0.0..=since_reply_ms).contains(&earlier), "{}", earlier);
            prop_assert!(later >= earlier * 0.999, "{} then {}", earlier, later);
        }
    }
}
