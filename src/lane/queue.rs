//! Whose turn it is: the batch unpolled for longest goes first.
//!
//! Nobody is woken by anybody. A waiter's place in line becomes a small delay after the lane opens, its grace: the first
//! asks at once, the second a grace later, and finds the slot taken, or takes it because the first never came (in a Worker
//! its request may have ended). As a slot is forty graces long, a live waiter always asks before its turn, and a thousand
//! waiters ask seldom.

/// What each place in line waits for the ones before it.
const GRACE_MS: f64 = 50.0;

/// A claim passed over this often belongs to nobody any more. A live owner that was only slow enlists again by asking.
const PASSES_TO_FORGET: u32 = 3;

/// One waiter's wish for a slot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Claim {
    /// Unique on the lane; smaller is older.
    pub ticket: u32,
    /// Wants no slot before this.
    pub due_at: f64,
    /// Since when nothing has been heard of the batch.
    pub waiting_since: f64,
    /// From this moment on it goes before all that are not urgent.
    pub urgent_from: f64,
}

impl Claim {
    fn goes_before(&self, other: &Self, now: f64) -> bool {
        let rank = |claim: &Self| (claim.urgent_from > now, claim.waiting_since, claim.ticket);
        rank(self) < rank(other)
    }
}

/// The claims on one lane.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    claim: Claim,
    passes: u32,
}

impl Queue {
    /// Enlists or renews a claim, and says when its turn can come if those before it behave. Not after `now`: it is its turn.
    pub fn turn_at(&mut self, claim: Claim, opens_at: f64, now: f64) -> f64 {
        self.leave(claim.ticket);
        let mut open_at = opens_at.max(claim.due_at);
        let mut ahead = 0.0;
        let horizon = open_at.max(now);
        for entry in &self.entries {
            if entry.claim.due_at <= horizon && entry.claim.goes_before(&claim, now) {
                ahead += 1.0;
                open_at = open_at.max(entry.claim.due_at);
            }
        }
        self.entries.push(Entry { claim, passes: 0 });
        open_at + ahead * GRACE_MS
    }

    /// Takes the slot for `claim`. Those it passes had their chance.
    pub fn take(&mut self, claim: Claim, now: f64) {
        self.entries.retain_mut(|entry| {
            if entry.claim.due_at <= now && entry.claim.goes_before(&claim, now) {
                entry.passes += 1;
            }
            entry.claim.ticket != claim.ticket && entry.passes < PASSES_TO_FORGET
        });
    }

    /// Withdraws a claim.
    pub fn leave(&mut self, ticket: u32) {
        self.entries.retain(|entry| entry.claim.ticket != ticket);
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    fn claim(ticket: u32, waiting_since: f64) -> Claim {
        Claim { ticket, due_at: 0.0, waiting_since, urgent_from: f64::INFINITY }
    }

    #[test]
    fn the_longest_unpolled_goes_first_and_each_place_waits_a_grace() {
        let mut queue = Queue::default();
        assert_eq!(queue.turn_at(claim(1, 500.0), 1_000.0, 900.0), 1_000.0);
        assert_eq!(queue.turn_at(claim(2, 400.0), 1_000.0, 900.0), 1_000.0);
        assert_eq!(queue.turn_at(claim(1, 500.0), 1_000.0, 900.0), 1_050.0);
        assert_eq!(queue.turn_at(claim(3, 500.0), 1_000.0, 900.0), 1_100.0, "the older ticket first");
    }

    #[test]
    fn a_claim_not_due_yet_holds_nobody_up() {
        let mut queue = Queue::default();
        queue.turn_at(Claim { due_at: 9_000.0, ..claim(1, 0.0) }, 1_000.0, 0.0);
        assert_eq!(queue.turn_at(claim(2, 5.0), 1_000.0, 0.0), 1_000.0);
    }

    #[test]
    fn an_urgent_claim_goes_first_from_its_moment_on() {
        let mut queue = Queue::default();
        queue.turn_at(claim(1, 0.0), 0.0, 0.0);
        let late = Claim { urgent_from: 500.0, ..claim(2, 300.0) };
        assert_eq!(queue.turn_at(late, 1_000.0, 499.0), 1_050.0);
        assert_eq!(queue.turn_at(late, 1_000.0, 500.0), 1_000.0);
    }

    #[test]
    fn who_never_comes_is_passed_over_then_forgotten() {
        let mut queue = Queue::default();
        queue.turn_at(claim(1, 0.0), 0.0, 0.0);
        for round in 0..3 {
            assert_eq!(queue.len(), 1, "round {round}");
            let other = claim(2, 1.0);
            assert_eq!(queue.turn_at(other, 100.0, 100.0), 150.0);
            queue.take(other, 150.0);
        }
        assert!(queue.is_empty());
        assert_eq!(queue.turn_at(claim(1, 0.0), 100.0, 200.0), 100.0, "and enlists again by asking");
    }
}
