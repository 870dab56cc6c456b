//! `RetryAfter`: a header of any text, and what a date parser makes of it.

use bolero::{Driver, ValueGenerator, one_value_of};
use extracta_wasm::core::lane::Spacing;
use extracta_wasm::core::retry::{LONGEST_RETRY_AFTER_MS, RetryAfter, backoff_ms};

use crate::pick::{below, moment, once_in, some, wild_number};
use crate::text::text;

const A_DAY: std::ops::RangeInclusive<f64> = 0.0..=LONGEST_RETRY_AFTER_MS;

pub(crate) struct RetryAfters;

#[derive(Debug)]
pub(crate) struct Input {
    header: String,
    date_at: f64,
    wall_now: f64,
    now: f64,
    failures: u32,
    jitter: f64,
}

impl ValueGenerator for RetryAfters {
    type Output = Input;

    fn generate<D: Driver>(&self, driver: &mut D) -> Option<Input> {
        Some(Input {
            header: header(driver)?,
            date_at: wild_number(driver)?,
            wall_now: wild_number(driver)?,
            now: moment(driver)?,
            failures: driver.produce()?,
            jitter: f64::from(driver.produce::<u16>()?) / f64::from(u16::MAX),
        })
    }
}

pub(crate) fn holds(&Input { ref header, date_at, wall_now, now, failures, jitter }: &Input) {
    let wait_ms = match RetryAfter::parse(header) {
        None => None,
        Some(RetryAfter::Delay(ms)) => Some(ms),
        Some(RetryAfter::Date(date)) => {
            assert!(header.contains(date) && date.ends_with("GMT") && date.contains(':'), "{date:?} for a date");
            RetryAfter::until(date_at, wall_now)
        }
    };
    let digits = header.trim_ascii();
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    assert_eq!(is_number, matches!(RetryAfter::parse(header), Some(RetryAfter::Delay(_))));
    for wait_ms in [wait_ms, RetryAfter::until(date_at, wall_now)].into_iter().flatten() {
        assert!(A_DAY.contains(&wait_ms), "a wait of {wait_ms}");
    }
    // A lane takes it up, and opens again.
    let mut lane = Spacing::default();
    lane.require_floor(2_000.0);
    let pause_ms = lane.refused(wait_ms, now);
    assert!(pause_ms >= wait_ms.unwrap_or(2_000.0) && pause_ms <= LONGEST_RETRY_AFTER_MS + 60_000.0, "{pause_ms}");
    assert!(lane.opens_at(now) >= now + 2_000.0 && lane.opens_at(now).is_finite(), "{}", lane.opens_at(now));
    let backoff_ms = backoff_ms(2_000.0, failures, jitter);
    assert!((2_000.0..=37_500.0).contains(&backoff_ms), "{backoff_ms}");
}

fn header(driver: &mut impl Driver) -> Option<String> {
    const PIECES: [&str; 14] =
        ["", " ", "\t", "0", "120", "-1", "1.5", "1e9", "Sun, 06 Nov 1994 08:49:37 ", "GMT", ":", "gmt", "UTC", "٣"];
    let mut header = String::new();
    for _ in 0..below(driver, 6)? {
        if once_in(driver, 3)? {
            header.extend(some(driver, 40, |driver| ('0'..='9').generate(driver))?);
        } else if once_in(driver, 4)? {
            header.push_str(&text(driver)?);
        } else {
            header.push_str(one_value_of(PIECES).generate(driver)?);
        }
    }
    Some(header)
}
