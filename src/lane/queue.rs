//! Whose turn it is, without anybody waking anybody.
//!
//! A waiter's place in line becomes a small delay after the lane opens, its grace: the first asks at once, the second a grace
//! later, and finds the slot taken, or takes it because the first never came (in a Worker its request may have ended). As a
//! slot is forty graces long, a waiter asks before its turn can come, and a thousand waiters ask seldom.
//!
//! Places change as time passes, so one far back may come to the front while its owner still sleeps. Each entry therefore
//! holds the moment for which its owner promised to ask again. Nobody waits for one that has promised to come later, nor for
//! one that has broken its promise.

use super::order::{Claim, Outlook};

/// What each place in line waits for the ones before it.
const GRACE_MS: f64 = 50.0;

/// Nobody sleeps longer than this past the opening: should all before it leave at once, the lane is not idle for longer.
const LONGEST_GRACE_MS: f64 = 20_000.0;

/// A promise broken while so many slots went by belongs to nobody any more. A live owner that was only slow enlists again
/// by asking.
const PASSES_TO_FORGET: u32 = 3;

/// How old a comparison of all claims may be.
const RANKING_LASTS_MS: f64 = 250.0;

/// The claims on one lane.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    entries: Vec<Entry>,
    /// The moment for which the entries' delays were worked out.
    ranked_for: f64,
}

#[derive(Clone, Debug)]
struct Entry {
    claim: Claim,
    outlook: Outlook,
    /// The delay expected to have accrued by the moment of the ranking.
    accrued: f64,
    /// When its owner promised to ask again.
    asks_at: f64,
    passes: u32,
}

impl Entry {
    fn goes_before(&self, other: &Self, slot: &Slot) -> bool {
        let (pressing, oldest) = (slot.is_pressed(&self.claim), (self.claim.waiting_since, self.claim.ticket));
        if pressing != slot.is_pressed(&other.claim) {
            return pressing;
        }
        if !pressing && self.accrued != other.accrued {
            return self.accrued > other.accrued;
        }
        oldest < (other.claim.waiting_since, other.claim.ticket)
    }

    fn has_broken_its_promise(&self, now: f64) -> bool {
        self.asks_at + GRACE_MS <= now
    }
}

/// The slot that is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    /// When the lane opens; may be past.
    pub opens_at: f64,
    /// Whoever has not been heard of for longer goes first, like the urgent: nobody is put off for ever.
    pub longest_unheard_ms: f64,
    /// The present.
    pub now: f64,
}

impl Slot {
    fn begins_at(&self) -> f64 {
        self.opens_at.max(self.now)
    }

    fn is_pressed(&self, claim: &Claim) -> bool {
        let begins_at = self.begins_at();
        claim.urgent_from <= begins_at || begins_at - claim.waiting_since > self.longest_unheard_ms
    }
}

/// A place in line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// How many go before it.
    pub ahead: u32,
    /// When its turn can come if those behave. Not after the present: it is its turn.
    pub turn_at: f64,
}

impl Queue {
    /// Enlists or renews a claim and gives its place. The owner is taken to ask again at its `turn_at`.
    pub fn enlist(&mut self, claim: Claim, outlook: Outlook, slot: Slot) -> Place {
        self.leave(claim.ticket);
        let mut entry = self.entry(claim, outlook, &slot);
        let open_at = slot.opens_at.max(claim.due_at);
        let begins_at = open_at.max(slot.now);
        // Who has promised to come later than this claim's turn cannot be there before it.
        let ahead = self.count_ahead(&entry, &slot, f64::INFINITY);
        let ahead = self.count_ahead(&entry, &slot, begins_at + f64::from(ahead) * GRACE_MS);
        let turn_at = open_at + (f64::from(ahead) * GRACE_MS).min(LONGEST_GRACE_MS);
        entry.asks_at = turn_at;
        self.entries.push(entry);
        Place { ahead, turn_at }
    }

    /// How many would go before a claim, whether enlisted or not.
    pub fn position(&mut self, claim: Claim, outlook: Outlook, slot: Slot) -> u32 {
        let entry = self.entry(claim, outlook, &slot);
        self.count_ahead(&entry, &slot, f64::INFINITY)
    }

    /// The slot went to `ticket`. Those who should have asked by now missed it.
    pub fn take(&mut self, ticket: u32, now: f64) {
        self.entries.retain_mut(|entry| {
            if entry.has_broken_its_promise(now) {
                entry.passes += 1;
            }
            entry.claim.ticket != ticket && entry.passes < PASSES_TO_FORGET
        });
    }

    /// Withdraws a claim.
    pub fn leave(&mut self, ticket: u32) {
        if let Some(index) = self.entries.iter().position(|entry| entry.claim.ticket == ticket) {
            self.entries.swap_remove(index);
        }
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The memory it holds.
    pub fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>()
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// An entry that compares with the others.
    fn entry(&mut self, claim: Claim, outlook: Outlook, slot: &Slot) -> Entry {
        self.rank_for(slot.begins_at());
        let accrued = outlook.accrued(self.ranked_for - claim.waiting_since);
        Entry { claim, outlook, accrued, asks_at: slot.now, passes: 0 }
    }

    /// Works out all delays, unless that was done for about the same moment: many ask for one slot.
    fn rank_for(&mut self, begins_at: f64) {
        if (begins_at - self.ranked_for).abs() > RANKING_LASTS_MS {
            self.ranked_for = begins_at;
            for entry in &mut self.entries {
                entry.accrued = entry.outlook.accrued(begins_at - entry.claim.waiting_since);
            }
        }
    }

    fn count_ahead(&self, own: &Entry, slot: &Slot, asking_by: f64) -> u32 {
        let due_by = slot.begins_at().max(own.claim.due_at);
        let ahead = self.entries.iter().filter(|entry| {
            entry.claim.due_at <= due_by
                && entry.asks_at <= asking_by
                && !entry.has_broken_its_promise(slot.now)
                && entry.claim.ticket != own.claim.ticket
                && entry.goes_before(own, slot)
        });
        ahead.count() as u32
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::lane::forecast::Forecast;

    fn claim(ticket: u32, waiting_since: f64) -> Claim {
        Claim { begun_at: 0.0, ..Claim::new(ticket, 0.0, waiting_since) }
    }

    fn turn_at(queue: &mut Queue, claim: Claim, opens_at: f64, now: f64) -> f64 {
        let slot = Slot { opens_at, longest_unheard_ms: 60_000.0, now };
        queue.enlist(claim, Outlook::new(&claim, &Forecast::default()), slot).turn_at
    }

    #[test]
    fn of_batches_of_unknown_size_the_longest_unheard_goes_first_and_each_place_waits_a_grace() {
        let mut queue = Queue::default();
        assert_eq!(turn_at(&mut queue, claim(1, 500.0), 1_000.0, 900.0), 1_000.0);
        assert_eq!(turn_at(&mut queue, claim(2, 400.0), 1_000.0, 900.0), 1_000.0);
        assert_eq!(turn_at(&mut queue, claim(1, 500.0), 1_000.0, 900.0), 1_050.0);
        assert_eq!(turn_at(&mut queue, claim(3, 500.0), 1_000.0, 900.0), 1_100.0, "the older ticket first");
    }

    #[test]
    fn the_one_more_likely_finished_goes_first() {
        let mut queue = Queue::default();
        turn_at(&mut queue, Claim { expected_files: 40.0, ..claim(1, 0.0) }, 10_000.0, 9_000.0);
        let small = Claim { expected_files: 1.0, ..claim(2, 5.0) };
        assert_eq!(turn_at(&mut queue, small, 10_000.0, 9_000.0), 10_000.0);
    }

    #[test]
    fn whoever_is_unheard_for_too_long_goes_first_all_the_same() {
        let mut queue = Queue::default();
        turn_at(&mut queue, Claim { expected_files: 1.0, ..claim(1, 5.0) }, 60_004.0, 60_000.0);
        let large = Claim { expected_files: 1e5, ..claim(2, 0.0) };
        assert_eq!(turn_at(&mut queue, large, 60_000.0, 60_000.0), 60_050.0);
        assert_eq!(turn_at(&mut queue, large, 60_004.0, 60_000.0), 60_004.0);
    }

    #[test]
    fn a_claim_not_due_yet_holds_nobody_up() {
        let mut queue = Queue::default();
        turn_at(&mut queue, Claim { due_at: 9_000.0, ..claim(1, 0.0) }, 1_000.0, 0.0);
        assert_eq!(turn_at(&mut queue, claim(2, 5.0), 1_000.0, 0.0), 1_000.0);
    }

    #[test]
    fn an_urgent_claim_takes_the_first_slot_that_begins_after_its_moment() {
        let mut queue = Queue::default();
        turn_at(&mut queue, claim(1, 0.0), 499.0, 450.0);
        let late = Claim { urgent_from: 500.0, ..claim(2, 300.0) };
        assert_eq!(turn_at(&mut queue, late, 499.0, 450.0), 549.0);
        assert_eq!(turn_at(&mut queue, late, 500.0, 450.0), 500.0);
    }

    #[test]
    fn nobody_waits_for_one_who_promised_to_come_later() {
        let mut queue = Queue::default();
        for ticket in 0..100 {
            turn_at(&mut queue, claim(ticket, f64::from(ticket)), 1_000.0, 900.0);
        }
        // The last sleeps for two slots and a half; meanwhile the others go, and it turns urgent.
        assert_eq!(turn_at(&mut queue, Claim { urgent_from: 2_000.0, ..claim(99, 99.0) }, 1_000.0, 900.0), 5_950.0);
        for ticket in 1..99 {
            queue.leave(ticket);
        }
        assert_eq!(turn_at(&mut queue, claim(0, 0.0), 3_000.0, 2_900.0), 3_000.0);
    }

    #[test]
    fn nobody_sleeps_for_long_however_far_back() {
        let mut queue = Queue::default();
        for ticket in 0..2_000 {
            assert!(turn_at(&mut queue, claim(ticket, f64::from(ticket)), 1_000.0, 900.0) <= 21_000.0);
        }
    }

    #[test]
    fn who_never_comes_is_waited_for_once_then_passed_over_then_forgotten() {
        let mut queue = Queue::default();
        let other = claim(2, 1.0);
        assert_eq!(turn_at(&mut queue, claim(1, 0.0), 0.0, 0.0), 0.0);
        assert_eq!(turn_at(&mut queue, other, 0.0, 0.0), 50.0);
        for round in 0..3 {
            assert_eq!(queue.len(), 2, "round {round}");
            let opens_at = 50.0 + 2_000.0 * f64::from(round);
            assert_eq!(turn_at(&mut queue, other, opens_at, opens_at), opens_at);
            queue.take(2, opens_at);
            turn_at(&mut queue, other, opens_at + 2_000.0, opens_at);
        }
        assert_eq!(queue.len(), 1);
        assert_eq!(turn_at(&mut queue, claim(1, 0.0), 9_000.0, 8_999.0), 9_000.0, "and enlists again by asking");
    }
}
