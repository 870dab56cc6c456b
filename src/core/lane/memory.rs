//! What is known of batches beyond the one request that somebody asked for: who asks on behalf of visitors asks anew each time,
//! and another visitor may have asked before.

use super::order::Claim;

/// A batch that nobody asks for any more is forgotten after so long.
const LASTS_MS: f64 = 900_000.0;

/// Of more batches nothing is kept.
const MOST_BATCHES: usize = 20_000;

/// How many are added between two looks at which to forget.
const ADDED_BETWEEN_LOOKS: usize = 256;

/// What is known of batches, by their fingerprints.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// In the order of the fingerprints.
    known: Vec<Known>,
    added: usize,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    batch: u64,
    begun_at: f64,
    replied_at: f64,
    requested_at: f64,
    files: f32,
    finished: f32,
}

impl Memory {
    /// The claim, with what is known of its batch. One that nobody asked for before begins now.
    pub fn complete(&mut self, claim: Claim, now: f64) -> Claim {
        if claim.batch == 0 {
            return claim;
        }
        let index = match self.find(claim.batch) {
            Ok(index) => index,
            Err(index) => {
                if self.known.len() >= MOST_BATCHES {
                    self.forget(now);
                    if self.known.len() >= MOST_BATCHES {
                        return claim;
                    }
                    return self.complete(claim, now);
                }
                let known = Known {
                    batch: claim.batch,
                    begun_at: now,
                    replied_at: now,
                    requested_at: now,
                    files: 0.0,
                    finished: 0.0,
                };
                self.known.insert(index, known);
                self.added += 1;
                if self.added.is_multiple_of(ADDED_BETWEEN_LOOKS) {
                    self.forget(now);
                }
                return Claim { waiting_since: now, begun_at: now, ..claim };
            }
        };
        let Some(known) = self.known.get_mut(index) else { return claim };
        // The clock may have gone back, or be another.
        if known.requested_at > now {
            *known = Known { begun_at: now, replied_at: now, ..*known };
        }
        known.requested_at = now;
        Claim {
            waiting_since: known.replied_at,
            begun_at: known.begun_at,
            expected_files: claim.expected_files.max(known.files),
            finished_files: known.finished,
            ..claim
        }
    }

    /// A reply for a batch: so many files, so many of them final. One that is finished has nothing more to report.
    pub fn replied(&mut self, batch: u64, files: f32, finished: f32, is_done: bool, now: f64) {
        let Ok(index) = self.find(batch) else { return };
        if is_done {
            self.known.remove(index);
        } else if let Some(known) = self.known.get_mut(index) {
            *known = Known { replied_at: now, files, finished, ..*known };
        }
    }

    fn find(&self, batch: u64) -> Result<usize, usize> {
        self.known.binary_search_by_key(&batch, |known| known.batch)
    }

    fn forget(&mut self, now: f64) {
        self.known.retain(|known| (0.0..LASTS_MS).contains(&(now - known.requested_at)));
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    fn claim(batch: u64) -> Claim {
        Claim { batch, ..Claim::new(0, 0.0, 0.0) }
    }

    #[test]
    fn what_one_request_taught_the_next_one_knows() {
        let mut memory = Memory::default();
        let first = memory.complete(claim(7), 1_000.0);
        assert_eq!((first.begun_at, first.waiting_since), (1_000.0, 1_000.0));
        memory.replied(7, 5.0, 2.0, false, 3_000.0);
        let next = memory.complete(claim(7), 4_000.0);
        assert_eq!((next.begun_at, next.waiting_since), (1_000.0, 3_000.0));
        assert_eq!((next.expected_files, next.finished_files), (5.0, 2.0));
        memory.replied(7, 5.0, 5.0, true, 5_000.0);
        assert_eq!(memory.complete(claim(7), 6_000.0).begun_at, 6_000.0);
    }

    #[test]
    fn a_claim_for_no_batch_is_left_as_it_is() {
        assert_eq!(Memory::default().complete(claim(0), 5.0), claim(0));
    }

    #[test]
    fn memory_is_bounded_and_what_nobody_asks_for_is_forgotten() {
        let mut memory = Memory::default();
        for batch in 1..=21_000 {
            memory.complete(claim(batch), 0.0);
        }
        assert_eq!(memory.known.len(), MOST_BATCHES);
        memory.complete(claim(40_000), LASTS_MS);
        assert_eq!(memory.known.len(), 1);
    }

    #[test]
    fn a_clock_that_goes_back_begins_anew() {
        let mut memory = Memory::default();
        memory.complete(claim(7), 9_000.0);
        let next = memory.complete(claim(7), 5.0);
        assert_eq!((next.begun_at, next.waiting_since), (5.0, 5.0));
    }
}
