//! The 2-second rule: how close two requests to one endpoint may arrive, and the answer to a request that comes too soon.
//!
//! The documentation asks for 2 seconds between consecutive requests to an endpoint and says neither how a breach looks
//! nor whose requests are counted. The strict reading is enforced: every arrival counts, also a refused one, and the
//! answer is 429.

use std::time::{Duration, Instant, SystemTime};

use crate::{
    recent::Recent,
    standin::{Endpoint, TokenNumber},
};

/// What the rule is about: one endpoint, asked with one token.
pub(crate) type Lane = (TokenNumber, Endpoint);

/// More lanes than any test opens; beyond it the oldest lane is forgotten.
const LANES_KEPT: usize = 100_000;

/// Remembers when each lane was last asked.
pub(crate) struct Floor {
    least: Duration,
    last_arrival: Recent<Lane, Instant>,
}

impl Floor {
    pub(crate) fn new(least: Duration) -> Self {
        Self { least, last_arrival: Recent::new(LANES_KEPT) }
    }

    /// Notes an arrival; true when it came too soon after the one before it.
    pub(crate) fn arrive(&mut self, lane: Lane, now: Instant) -> bool {
        let before = self.last_arrival.insert(lane, now);
        before.is_some_and(|before| now.saturating_duration_since(before) < self.least)
    }

    /// Forgets the lanes of one token, or all of them.
    pub(crate) fn forget(&mut self, token: Option<TokenNumber>) {
        self.last_arrival.retain(|(owner, _)| token.is_some_and(|token| token != *owner));
    }
}

/// How the answer to a request that came too soon says when to come back. The real API is not known to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RetryAfter {
    /// `Retry-After: 2`
    #[default]
    Seconds,
    /// `Retry-After: Wed, 21 Oct 2015 07:28:00 GMT`
    Date,
    /// No header: the client has to guess.
    None,
}

impl RetryAfter {
    /// The header's value for a wait of this length, rounded up to whole seconds.
    pub(crate) fn value(self, wait: Duration) -> Option<String> {
        // Dates end with the year 9999; a floor of more than a year is none that anybody waits for.
        let wait = wait.min(Duration::from_secs(366 * 24 * 3600));
        let seconds = wait.as_millis().div_ceil(1000).max(1);
        match self {
            Self::Seconds => Some(seconds.to_string()),
            // The form has no fractions and formatting drops them, so one second more keeps it from being too early.
            Self::Date => Some(httpdate::fmt_http_date(SystemTime::now() + wait + Duration::from_secs(1))),
            Self::None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::Family;

    const LANE: Lane = (1, Endpoint::Results(Family::Extraction));

    #[test]
    fn exactly_the_floor_apart_is_allowed_and_a_nanosecond_less_is_not() {
        let (start, two) = (Instant::now(), Duration::from_secs(2));
        let mut floor = Floor::new(two);
        assert!(!floor.arrive(LANE, start));
        assert!(!floor.arrive(LANE, start + two));
        assert!(floor.arrive(LANE, start + two + two - Duration::from_nanos(1)));
    }

    #[test]
    fn a_refused_arrival_starts_the_two_seconds_anew() {
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        let mut floor = Floor::new(2 * second);
        assert!(!floor.arrive(LANE, start));
        assert!(floor.arrive(LANE, start + second));
        assert!(floor.arrive(LANE, start + 2 * second));
        assert!(!floor.arrive(LANE, start + 4 * second));
    }

    #[test]
    fn endpoints_and_tokens_have_lanes_of_their_own() {
        let now = Instant::now();
        let mut floor = Floor::new(Duration::from_secs(2));
        assert!(!floor.arrive(LANE, now));
        assert!(!floor.arrive((2, LANE.1), now));
        assert!(!floor.arrive((1, Endpoint::Results(Family::Classification)), now));
        assert!(floor.arrive(LANE, now));
    }

    #[test]
    fn forgetting_one_token_leaves_the_others() {
        let now = Instant::now();
        let mut floor = Floor::new(Duration::from_secs(2));
        floor.arrive(LANE, now);
        floor.arrive((2, LANE.1), now);
        floor.forget(Some(1));
        assert!(!floor.arrive(LANE, now));
        assert!(floor.arrive((2, LANE.1), now));
    }

    #[test]
    fn retry_after_rounds_up() {
        assert_eq!(RetryAfter::Seconds.value(Duration::from_millis(1500)).as_deref(), Some("2"));
        assert_eq!(RetryAfter::Seconds.value(Duration::ZERO).as_deref(), Some("1"));
        assert_eq!(RetryAfter::None.value(Duration::from_secs(2)), None);
        let asked = SystemTime::now();
        let date = RetryAfter::Date.value(Duration::from_millis(1500)).unwrap();
        assert!(httpdate::parse_http_date(&date).unwrap() >= asked + Duration::from_millis(1500));
    }
}
