//! How long to stay away after a failure.

/// No wait of ours is longer than this; a server may ask for more.
const LONGEST_BACKOFF_MS: f64 = 30_000.0;

/// Nor shorter than this, where no interval is kept: a server in trouble is left alone.
const LEAST_BACKOFF_MS: f64 = 100.0;

/// A `Retry-After` beyond a day is a mistake, not a wish.
pub const LONGEST_RETRY_AFTER_MS: f64 = 86_400_000.0;

/// How many NOT_JSON answers in a row a poll survives at most: a proxy's error page may pass, a wrong address will not.
pub const NOT_JSON_RETRIES: u32 = 2;

/// The wait after the `failures`-th failure in a row: the interval, doubled each time. `jitter` is 0 to 1 and only ever
/// lengthens: a shortened wait would break the floor.
pub fn backoff_ms(interval_ms: f64, failures: u32, jitter: f64) -> f64 {
    let doublings = failures.saturating_sub(1).min(16);
    let first_ms = interval_ms.max(LEAST_BACKOFF_MS);
    let wait_ms = (first_ms * f64::from(1_u32 << doublings)).min(LONGEST_BACKOFF_MS).max(interval_ms);
    wait_ms * (1.0 + jitter / 4.0)
}

/// A `Retry-After` header in one of its two forms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RetryAfter<'a> {
    /// Milliseconds from the receipt of the answer.
    Delay(f64),
    /// An HTTP date, for the platform to parse.
    Date(&'a str),
}

impl<'a> RetryAfter<'a> {
    /// Reads the header strictly: digits, or something that ends as every HTTP date of today does. Anything else is
    /// ignored, as date parsers make a date of almost any text.
    pub fn parse(header: &'a str) -> Option<Self> {
        let header = header.trim_ascii();
        if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
            let seconds = header.bytes().fold(0.0, |seconds, digit| seconds * 10.0 + f64::from(digit - b'0'));
            return Some(Self::Delay((seconds * 1_000.0).min(LONGEST_RETRY_AFTER_MS)));
        }
        (header.ends_with("GMT") && header.bytes().any(|byte| byte == b':')).then_some(Self::Date(header))
    }

    /// The wait that a date asks for, both given as wall-clock milliseconds; `None` where one of them made no sense.
    pub fn until(date_at: f64, wall_now: f64) -> Option<f64> {
        let wait_ms = date_at - wall_now;
        wait_ms.is_finite().then(|| wait_ms.clamp(0.0, LONGEST_RETRY_AFTER_MS))
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn waits_double_up_to_half_a_minute() {
        let waits: Vec<_> = (1..=6).map(|failures| backoff_ms(2_000.0, failures, 0.0)).collect();
        assert_eq!(waits, [2_000.0, 4_000.0, 8_000.0, 16_000.0, 30_000.0, 30_000.0]);
        assert_eq!(backoff_ms(60_000.0, 3, 0.0), 60_000.0, "an interval longer than that stays");
        let without_interval: Vec<_> = (1..=4).map(|failures| backoff_ms(0.0, failures, 0.0)).collect();
        assert_eq!(without_interval, [100.0, 200.0, 400.0, 800.0]);
    }

    #[test]
    fn retry_after_is_read_in_both_forms_and_no_other() {
        assert_eq!(RetryAfter::parse(" 120 "), Some(RetryAfter::Delay(120_000.0)));
        assert_eq!(RetryAfter::parse("0"), Some(RetryAfter::Delay(0.0)));
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(RetryAfter::parse(date), Some(RetryAfter::Date(date)));
        for nonsense in ["", "-1", "1.5", "soon", "1e3", "GMT"] {
            assert_eq!(RetryAfter::parse(nonsense), None, "{nonsense}");
        }
        assert_eq!(RetryAfter::parse(&"9".repeat(400)), Some(RetryAfter::Delay(LONGEST_RETRY_AFTER_MS)));
    }

    #[test]
    fn a_date_in_the_past_asks_for_no_wait_and_no_date_for_nothing() {
        assert_eq!(RetryAfter::until(5_000.0, 2_000.0), Some(3_000.0));
        assert_eq!(RetryAfter::until(1_000.0, 2_000.0), Some(0.0));
        assert_eq!(RetryAfter::until(f64::NAN, 2_000.0), None);
        assert_eq!(RetryAfter::until(5_000.0, f64::NAN), None, "a wall clock may be anyone's");
    }

    proptest! {
        #[test]
        fn jitter_only_lengthens(interval in 1.0..120_000.0_f64, failures in 1_u32..400, jitter in 0.0..=1.0_f64) {
            let wait = backoff_ms(interval, failures, jitter);
            prop_assert!(wait >= interval && wait >= backoff_ms(interval, failures, 0.0));
            prop_assert!(wait <= interval.max(LONGEST_BACKOFF_MS) * 1.25);
        }
    }
}
