//! Makes a failing input small.

/// Enough for any input here; some cannot be made small.
const MOST_TRIES: u32 = 20_000;

/// The smallest input found that still fails: by leaving out parts, then by lowering single bytes.
pub(crate) fn smallest(bytes: &[u8], fails: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut best = bytes.to_vec();
    let mut tries = 0;
    let mut is_better = |candidate: Vec<u8>, best: &mut Vec<u8>| {
        tries += 1;
        let better = tries <= MOST_TRIES && fails(&candidate);
        if better {
            *best = candidate;
        }
        better
    };
    loop {
        let before = best.clone();
        let mut length = best.len();
        while length > 0 {
            let mut at = 0;
            while at + length <= best.len() {
                if !is_better([&best[..at], &best[at + length..]].concat(), &mut best) {
                    at += length;
                }
            }
            length /= 2;
        }
        for at in 0..best.len() {
            for lower in [0, best[at] / 2, best[at].saturating_sub(1)] {
                while lower < best[at] {
                    let mut candidate = best.clone();
                    candidate[at] = lower;
                    if !is_better(candidate, &mut best) {
                        break;
                    }
                }
            }
        }
        if best == before {
            return best;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_part_in_the_failure_goes() {
        let bytes: Vec<u8> = (0..200).collect();
        assert_eq!(smallest(&bytes, |bytes| bytes.iter().any(|byte| *byte >= 150)), [150]);
        assert_eq!(smallest(&bytes, |bytes| bytes.len() >= 3), [0, 0, 0]);
        assert_eq!(smallest(&bytes, |_| true), [0_u8; 0]);
    }
}
