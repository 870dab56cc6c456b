//! What is asked of a proxy that holds requests: to answer once the batch's state is another than the one that is known, or
//! after some seconds: `Prefer: wait=20; since="tag"` (RFC 7240).

/// The longest that a request asks to be held. Hosts between here and there end what takes 30 seconds.
const LONGEST_WAIT_MS: f64 = 20_000.0;

/// So long before its limit a request is to be answered.
const MARGIN_MS: f64 = 8_000.0;

/// By such a share a wait is shorter or longer than another, so that not all who were held come back together.
const SPREAD: f64 = 0.1;

/// A longer state is none.
const LONGEST_STATE: usize = 64;

/// For how many seconds a request that may take `limit_ms` asks to be held, if at all. `random` is 0 to 1.
pub fn wait_s(limit_ms: f64, random: f64) -> Option<u32> {
    let wait_ms = (limit_ms - MARGIN_MS).min(LONGEST_WAIT_MS);
    let wait_s = (wait_ms / 1_000.0 * (1.0 - SPREAD + 2.0 * SPREAD * random)).round();
    (wait_s >= 1.0).then_some(wait_s as u32)
}

/// The preference, as a header has it.
pub fn preference(wait_s: u32, state: &str) -> String {
    ["wait=", &wait_s.to_string(), "; since=\"", state, "\""].concat()
}

/// Whether that can be a batch's state: a few visible characters that stand between quotation marks as they are.
pub fn is_state(text: &str) -> bool {
    (1..=LONGEST_STATE).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"\\,;".contains(&byte))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_request_asks_to_be_held_for_twenty_seconds_more_or_less_and_less_where_it_may_take_less() {
        assert_eq!([0.0, 0.5, 1.0].map(|random| wait_s(30_000.0, random)), [Some(18), Some(20), Some(22)]);
        assert_eq!(wait_s(f64::INFINITY, 0.5), Some(20));
        assert_eq!(wait_s(13_000.0, 0.5), Some(5));
        for short in [8_400.0, 8_000.0, 0.0, -5.0] {
            assert_eq!(wait_s(short, 0.5), None);
        }
        assert_eq!(preference(19, "3-1x"), "wait=19; since=\"3-1x\"");
    }

    #[test]
    fn what_could_end_the_quotation_is_no_state() {
        assert!(is_state("1a2b-zz9") && is_state("~"));
        for text in ["", "a\"b", "a\\b", "a b", "a\nb", "ä", "a,b", "a;b", &"a".repeat(65)] {
            assert!(!is_state(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn there_is_always_time_for_the_answer(limit_ms in 0.0..1e6_f64, random in 0.0..=1.0_f64) {
            if let Some(wait_s) = wait_s(limit_ms, random) {
                prop_assert!((1..=22).contains(&wait_s));
                prop_assert!(f64::from(wait_s) * 1_000.0 <= limit_ms - 5_000.0, "{} s of {} ms", wait_s, limit_ms);
            }
        }
    }
}
