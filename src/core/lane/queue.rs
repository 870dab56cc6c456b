//! Whose turn it is, without anybody waking anybody.
//!
//! A waiter's place in line becomes a small delay after the lane opens, its grace: the first asks at once, the second a grace
//! later, and finds the slot taken, or takes it because the first never came (in a Worker its request may have ended). As a
//! slot is forty graces long, a waiter asks before its turn can come, and a thousand waiters ask seldom.
//!
//! Places change as time passes, so one far back may come to the front while its owner still sleeps. Each entry therefore
//! holds the moment for which its owner promised to ask again. Nobody waits for one that has promised to come later, nor for
//! one that has broken its promise.
//!
//! Where there are visitors, those that were served least go first, each with one slot after the other. Of several claims for one
//! batch the first leads and has a place in line; the others follow a grace behind it, should it not come.

use super::forecast::Forecast;
use super::order::{Claim, Outlook};
use super::visitors::Visitors;

/// What each place in line waits for the ones before it.
const GRACE_MS: f64 = 50.0;

/// Nobody sleeps longer than this past the opening: should all before it leave at once, the lane is not idle for longer.
const LONGEST_GRACE_MS: f64 = 20_000.0;

/// A promise broken while so many slots went by belongs to nobody any more. A live owner that was only slow enlists again
/// by asking.
const PASSES_TO_FORGET: u32 = 3;

/// How old a comparison of all claims may be.
const RANKING_LASTS_MS: f64 = 250.0;

/// A visitor's batch is ripe once the delay that it is expected to have suffered is such a share of the time unheard: fairness is
/// no reason to ask for what cannot have finished yet.
const RIPE_SHARE: f64 = 0.15;

/// The claims on one lane.
#[derive(Clone, Debug, Default)]
#[allow(
    clippy::vec_box,
    reason = "ten thousand entries are a megabyte, which must not be moved, and left behind, to grow"
)]
pub struct Queue {
    entries: Vec<Box<Entry>>,
    /// The moment for which the entries' delays were worked out.
    ranked_for: f64,
}

#[derive(Clone, Debug)]
struct Entry {
    claim: Claim,
    /// The delay expected to have accrued by the moment of the ranking.
    accrued: f64,
    /// When its owner promised to ask again.
    asks_at: f64,
    passes: u32,
    is_ripe: bool,
    /// Whether another claim for the same batch leads.
    follows: bool,
    /// How much its visitor will have been served before, in slots.
    start: f64,
}

impl Entry {
    fn goes_before(&self, other: &Self, pressed: bool, other_pressed: bool) -> bool {
        if self.is_ripe == other.is_ripe && self.start != other.start {
            return self.start < other.start;
        }
        self.goes_before_as_equal(other, pressed, other_pressed)
    }

    /// The same between claims of one visitor.
    fn goes_before_as_equal(&self, other: &Self, pressed: bool, other_pressed: bool) -> bool {
        if self.is_ripe != other.is_ripe {
            return self.is_ripe;
        }
        if pressed != other_pressed {
            return pressed;
        }
        if !pressed && self.accrued != other.accrued {
            return self.accrued > other.accrued;
        }
        (self.claim.waiting_since, self.claim.ticket) < (other.claim.waiting_since, other.claim.ticket)
    }

    fn has_broken_its_promise(&self, now: f64) -> bool {
        self.asks_at + GRACE_MS <= now
    }

    fn rank(&mut self, forecast: &Forecast, at: f64, slot: &Slot) {
        let claim = &self.claim;
        let since_reply_ms = at - claim.waiting_since;
        self.accrued = Outlook::new(claim, forecast).accrued(since_reply_ms);
        self.is_ripe = claim.visitor == 0
            || claim.begun_at >= claim.waiting_since
            || slot.is_pressed(claim)
            || self.accrued >= RIPE_SHARE * since_reply_ms.max(slot.gap_ms);
    }
}

/// The slot that is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    /// When the lane opens; may be past.
    pub opens_at: f64,
    /// Whoever has been without a reply for longer goes first, like the urgent: nobody is put off for ever.
    pub longest_without_reply_ms: f64,
    /// The least time from one slot to the next.
    pub gap_ms: f64,
    /// The present.
    pub now: f64,
}

impl Slot {
    fn begins_at(&self) -> f64 {
        self.opens_at.max(self.now)
    }

    fn is_pressed(&self, claim: &Claim) -> bool {
        let begins_at = self.begins_at();
        claim.urgent_from <= begins_at || begins_at - claim.waiting_since > self.longest_without_reply_ms
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
    pub fn enlist(&mut self, claim: Claim, forecast: &Forecast, visitors: &Visitors, slot: Slot) -> Place {
        let mut own = self.entry(claim, forecast, visitors, &slot);
        let leader = self.leader_of(&own, &slot);
        own.follows = leader.is_some();
        let first = leader.as_ref().unwrap_or(&own);
        let all = self.those_before(first, &slot, f64::INFINITY);
        let open_at = slot.opens_at.max(claim.due_at);
        // Who has promised to come later than this claim's turn cannot be there before it; nor, once the lane is open, who
        // is not there.
        let there_by = if open_at > slot.now { open_at + f64::from(all.count) * GRACE_MS } else { slot.now };
        let ahead = if all.asks_by > there_by { self.those_before(first, &slot, there_by).count } else { all.count };
        let turn_at = match &leader {
            Some(leader) => open_at.max(leader.asks_at) + GRACE_MS,
            None => open_at + (f64::from(ahead) * GRACE_MS).min(LONGEST_GRACE_MS),
        };
        own.asks_at = turn_at;
        let own_index = if own.follows {
            self.entries.iter().position(|entry| entry.claim.ticket == claim.ticket)
        } else {
            all.own_index
        };
        match own_index.and_then(|index| self.entries.get_mut(index)) {
            Some(entry) => **entry = own,
            None => self.entries.push(Box::new(own)),
        }
        Place { ahead, turn_at }
    }

    /// How many would go before a claim, whether enlisted or not.
    pub fn position(&mut self, claim: Claim, forecast: &Forecast, visitors: &Visitors, slot: Slot) -> u32 {
        let own = self.entry(claim, forecast, visitors, &slot);
        let leader = self.leader_of(&own, &slot);
        self.those_before(leader.as_ref().unwrap_or(&own), &slot, f64::INFINITY).count
    }

    /// Who of those that are due goes first.
    pub fn first(&self, slot: Slot) -> Option<u32> {
        let is_there = |entry: &&Entry| {
            entry.claim.due_at <= slot.now && !entry.follows && !entry.has_broken_its_promise(slot.now)
        };
        let first = self.entries.iter().map(AsRef::as_ref).filter(is_there).reduce(|first, entry| {
            let [pressed, first_pressed] = [entry, first].map(|entry| slot.is_pressed(&entry.claim));
            if entry.goes_before(first, pressed, first_pressed) { entry } else { first }
        });
        first.map(|entry| entry.claim.ticket)
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
        self.entries.capacity() * size_of::<Box<Entry>>() + self.entries.len() * size_of::<Entry>()
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What is known of durations changed: the next to ask compares all anew, by the same knowledge.
    pub fn rank_anew(&mut self) {
        self.ranked_for = f64::INFINITY;
    }

    /// An entry that compares with the others.
    fn entry(&mut self, claim: Claim, forecast: &Forecast, visitors: &Visitors, slot: &Slot) -> Entry {
        // Many ask for one slot, so all delays are not worked out each time.
        let begins_at = slot.begins_at();
        if (begins_at - self.ranked_for).abs() > RANKING_LASTS_MS {
            self.ranked_for = begins_at;
            for entry in &mut self.entries {
                entry.rank(forecast, begins_at, slot);
            }
        }
        let mut own =
            Entry { claim, accrued: 0.0, asks_at: slot.now, passes: 0, is_ripe: true, follows: false, start: 0.0 };
        own.rank(forecast, self.ranked_for, slot);
        if visitors.are_there() {
            // Each slot that its visitor has before this one moves it back.
            let pressed = slot.is_pressed(&claim);
            let is_before = |entry: &&Entry| {
                entry.claim.visitor == claim.visitor
                    && entry.claim.ticket != claim.ticket
                    && !entry.follows
                    && (claim.batch == 0 || entry.claim.batch != claim.batch)
                    && entry.goes_before_as_equal(&own, slot.is_pressed(&entry.claim), pressed)
            };
            own.start =
                visitors.start(claim.visitor) + self.entries.iter().map(Box::as_ref).filter(is_before).count() as f64;
        }
        own
    }

    /// The one that goes first of those who ask for the same batch, unless that is this one.
    fn leader_of(&self, own: &Entry, slot: &Slot) -> Option<Entry> {
        if own.claim.batch == 0 {
            return None;
        }
        let own_pressed = slot.is_pressed(&own.claim);
        let leads = |entry: &&Entry| {
            entry.claim.batch == own.claim.batch
                && entry.claim.ticket != own.claim.ticket
                && !entry.follows
                && !entry.has_broken_its_promise(slot.now)
                && entry.goes_before(own, slot.is_pressed(&entry.claim), own_pressed)
        };
        self.entries.iter().map(Box::as_ref).find(leads).cloned()
    }

    fn those_before(&self, own: &Entry, slot: &Slot, there_by: f64) -> Before {
        let due_by = slot.begins_at().max(own.claim.due_at);
        let own_pressed = slot.is_pressed(&own.claim);
        let mut before = Before { count: 0, asks_by: f64::NEG_INFINITY, own_index: None };
        for (index, entry) in self.entries.iter().enumerate() {
            if entry.claim.ticket == own.claim.ticket {
                before.own_index = Some(index);
            } else if !entry.follows
                && entry.claim.due_at <= due_by
                && entry.asks_at <= there_by
                && !entry.has_broken_its_promise(slot.now)
                && entry.goes_before(own, slot.is_pressed(&entry.claim), own_pressed)
            {
                before.count += 1;
                before.asks_by = before.asks_by.max(entry.asks_at);
            }
        }
        before
    }
}

/// Those that go before a claim.
struct Before {
    count: u32,
    /// When the last of them promised to ask.
    asks_by: f64,
    /// Where the claim itself is.
    own_index: Option<usize>,
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    fn claim(ticket: u32, waiting_since: f64) -> Claim {
        Claim { begun_at: 0.0, ..Claim::new(ticket, 0.0, waiting_since) }
    }

    fn turn_at(queue: &mut Queue, claim: Claim, opens_at: f64, now: f64) -> f64 {
        let slot = Slot { opens_at, longest_without_reply_ms: 60_000.0, gap_ms: 2_001.0, now };
        queue.enlist(claim, &Forecast::default(), &Visitors::default(), slot).turn_at
    }

    #[test]
    fn of_batches_of_unknown_size_the_longest_without_reply_goes_first_and_each_place_waits_a_grace() {
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
    fn whoever_is_without_reply_for_too_long_goes_first_all_the_same() {
        let mut queue = Queue::default();
        turn_at(&mut queue, Claim { expected_files: 1.0, ..claim(1, 5.0) }, 60_000.0, 59_000.0);
        let large = Claim { expected_files: 1e5, ..claim(2, 0.0) };
        assert_eq!(turn_at(&mut queue, large, 60_000.0, 59_000.0), 60_050.0);
        assert_eq!(turn_at(&mut queue, large, 60_004.0, 59_000.0), 60_004.0);
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
