//! A lane: the one way to an endpoint. Every request of every kind passes through it: polls, retries, single calls, from
//! all clients that use the same token.
//!
//! Waiters share nothing but data. Each asks for its turn, sleeps on a timer of its own and asks again, because in a Worker
//! neither a timer nor a promise may outlive, or be settled by, another request. Strict spacing makes that cheap: while a
//! request is under way the next one cannot start within a whole gap from now, so nobody has to be woken when it ends.

pub mod forecast;
pub mod log;
pub mod memory;
pub mod order;
pub mod queue;
pub mod spacing;
pub mod turn;
pub mod visitors;

pub use forecast::Forecast;
pub use log::Log;
pub use memory::Memory;
pub use order::Claim;
pub use queue::Queue;
pub use spacing::{LOOK_AGAIN_MS, MOST_UNDER_WAY, RECORD_LENGTH, Spacing};
pub use turn::{Turn, Wait};
pub use visitors::Visitors;

use queue::Slot;

/// Added to a request's timeout before the lane stops waiting for its end: its owner ended without saying so.
pub(crate) const OWNER_GONE_MS: f64 = 1_000.0;

/// A batch without a reply for so many rounds, of one slot for each that waits, goes first whatever its outlook.
const LONGEST_WITHOUT_REPLY_ROUNDS: f64 = 3.0;

/// When and after how many others a claim can expect its turn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected {
    /// How many go before it, as things stand.
    pub position: u32,
    /// When its turn comes, if every slot is used and nobody else joins.
    pub at: f64,
}

/// Spacing and order of one endpoint's requests.
#[derive(Clone, Debug, Default)]
pub struct Lane {
    /// The 2-second rule.
    pub spacing: Spacing,
    /// Who wants to go, in which order.
    pub queue: Queue,
    /// How long its batches take.
    pub forecast: Forecast,
    /// How its time is shared between visitors.
    pub visitors: Visitors,
    /// What is known of the batches that visitors ask for.
    pub memory: Memory,
    /// What it did and why.
    pub log: Log,
}

impl Lane {
    /// Asks for a turn. On [`Turn::Go`] the slot is used up, whatever becomes of the request; it is reported with
    /// [`Spacing::answered`] and [`Spacing::ended`], and forgotten about after `request_timeout_ms` and a little.
    pub fn ask(&mut self, claim: Claim, request_timeout_ms: f64, now: f64) -> Turn {
        let turn = self.reserve(claim, request_timeout_ms, now);
        if turn == Turn::Go {
            self.start(claim.visitor, request_timeout_ms, now);
        }
        turn
    }

    /// Asks for a turn. On [`Turn::Go`] the slot is the waiter's, to start its request in or to give back with
    /// [`Spacing::give_back`]; it is forgotten about after `request_timeout_ms` and a little.
    pub fn reserve(&mut self, claim: Claim, request_timeout_ms: f64, now: f64) -> Turn {
        self.spacing.mind_clock(now);
        self.visitors.attend(claim.visitor);
        let claim = self.memory.complete(claim, now);
        let slot = self.slot(now);
        let place = self.queue.enlist(claim, &self.forecast, &self.visitors, slot);
        if place.turn_at > now {
            let why = if claim.due_at > slot.opens_at.max(now) {
                Wait::NotDue
            } else {
                match self.spacing.closed_by(now) {
                    Some(Wait::Paused) => Wait::Paused,
                    _ if place.ahead > 0 => Wait::Behind(place.ahead),
                    closed_by => closed_by.unwrap_or(Wait::Spacing),
                }
            };
            return Turn::AskAgain { at: place.turn_at, why };
        }
        self.queue.take(claim.ticket, now);
        self.spacing.reserve(now + request_timeout_ms + OWNER_GONE_MS, now);
        Turn::Go
    }

    /// Where a proxy does the spacing: whose turn it is, if there is room for another request. Nobody else says when there is.
    pub fn next_up(&mut self, now: f64) -> Option<u32> {
        let is_open = self.spacing.is_paced() && self.spacing.opens_at(now) <= now;
        if is_open { self.queue.first(self.slot(now)) } else { None }
    }

    /// The request that started at `started_at`, of those through a proxy that does the spacing, has ended.
    pub fn landed(&mut self, started_at: f64, request_timeout_ms: f64) {
        self.spacing.landed(started_at + request_timeout_ms + OWNER_GONE_MS);
    }

    /// The request starts for which the slot was reserved, on behalf of a visitor.
    pub fn start(&mut self, visitor: u64, request_timeout_ms: f64, now: f64) {
        self.visitors.begin(visitor);
        self.log.started(if self.spacing.is_paced() { f64::INFINITY } else { self.spacing.since_start_ms(now) });
        self.spacing.started(now, now + request_timeout_ms + OWNER_GONE_MS);
    }

    /// The server refused for now: everyone stays away. Returns the pause.
    pub fn refused(&mut self, retry_after_ms: Option<f64>, now: f64) -> f64 {
        self.log.refusals += 1;
        self.spacing.refused(retry_after_ms, now)
    }

    /// A reply for the batch of `claim` came, finished or not: a lesson in how long batches take.
    pub fn replied(&mut self, claim: &Claim, finished: bool, now: f64) {
        let (from_ms, to_ms) = (claim.waiting_since - claim.begun_at, now - claim.begun_at);
        self.forecast.learn(claim.expected_files.into(), from_ms, to_ms, finished);
        self.queue.rank_anew();
    }

    /// A reply for the batch that a visitor's `claim` asks for: so many files, so many of them final, and whether it is finished.
    pub fn replied_for_visitor(&mut self, claim: Claim, [files, finished_files]: [f32; 2], finished: bool, now: f64) {
        let claim = self.memory.complete(claim, now);
        self.replied(&claim, finished, now);
        self.memory.replied(claim.batch, files, finished_files, finished, now);
    }

    /// The request of `sender` that started at `started_at` came to its end. These visitors waited for it, and are charged for its
    /// time: from its start until the lane would open by the gap alone.
    pub fn charge(&mut self, visitors: &[u64], sender: u64, started_at: f64, now: f64) {
        let gap_ms = self.spacing.gap_ms();
        let slots = if gap_ms > 0.0 { ((now - started_at) / gap_ms).max(0.0) + 1.0 } else { 1.0 };
        self.visitors.charge(visitors, sender, slots);
        if self.visitors.are_there() {
            self.queue.rank_anew();
        }
    }

    /// When a claim, enlisted or not, can expect its turn.
    pub fn expected(&mut self, claim: Claim, now: f64) -> Expected {
        let claim = self.memory.complete(claim, now);
        let slot = self.slot(now);
        let position = self.queue.position(claim, &self.forecast, &self.visitors, slot);
        let gap_ms = if self.spacing.is_paced() { 0.0 } else { self.spacing.gap_ms() };
        let turn_at = slot.opens_at.max(now) + f64::from(position) * gap_ms;
        Expected { position, at: claim.due_at.max(turn_at) }
    }

    fn slot(&self, now: f64) -> Slot {
        // The one whose request is under way is not in the queue, but will be.
        let in_flight = self.spacing.closed_by(now) == Some(Wait::InFlight);
        let gap_ms = self.spacing.gap_ms();
        let round_ms = gap_ms * (self.queue.len() + usize::from(in_flight)).max(1) as f64;
        Slot {
            opens_at: self.spacing.opens_at(now),
            longest_without_reply_ms: LONGEST_WITHOUT_REPLY_ROUNDS * round_ms,
            gap_ms,
            now,
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    fn claim(ticket: u32) -> Claim {
        Claim::new(ticket, 0.0, f64::from(ticket))
    }

    fn lane() -> Lane {
        let mut lane = Lane::default();
        lane.spacing.require_floor(2_000.0);
        lane
    }

    #[test]
    fn one_request_is_in_flight_and_the_next_waits_a_gap_from_the_answer() {
        let mut lane = lane();
        assert_eq!(lane.ask(claim(1), 30_000.0, 0.0), Turn::Go);
        assert_eq!(lane.ask(claim(2), 30_000.0, 10.0), Turn::AskAgain { at: 2_011.0, why: Wait::InFlight });
        lane.spacing.ended(0.0, 450.0);
        assert_eq!(lane.ask(claim(2), 30_000.0, 2_011.0), Turn::AskAgain { at: 2_451.0, why: Wait::Spacing });
        assert_eq!(lane.ask(claim(2), 30_000.0, 2_451.0), Turn::Go);
    }

    #[test]
    fn a_request_whose_owner_vanished_blocks_no_longer_than_its_timeout() {
        let mut lane = lane();
        assert_eq!(lane.ask(claim(1), 5_000.0, 0.0), Turn::Go);
        let Turn::AskAgain { at, .. } = lane.ask(claim(2), 5_000.0, 6_001.0) else { panic!("too early") };
        assert_eq!(at, 8_001.0, "a gap after the moment it was given up");
        assert_eq!(lane.ask(claim(2), 5_000.0, at), Turn::Go);
    }

    #[test]
    fn a_waiter_learns_what_it_waits_for() {
        let mut lane = lane();
        let why = |lane: &mut Lane, claim, now| match lane.ask(claim, 30_000.0, now) {
            Turn::Go => panic!("it is its turn"),
            Turn::AskAgain { why, .. } => why,
        };
        lane.ask(claim(1), 30_000.0, 0.0);
        assert_eq!(why(&mut lane, claim(2), 50.0), Wait::InFlight);
        lane.spacing.ended(0.0, 100.0);
        assert_eq!(why(&mut lane, claim(2), 100.0), Wait::Spacing);
        assert_eq!(why(&mut lane, claim(3), 100.0), Wait::Behind(1));
        assert_eq!(why(&mut lane, Claim { due_at: 9_000.0, ..claim(4) }, 100.0), Wait::NotDue);
        lane.spacing.refused(Some(60_000.0), 100.0);
        assert_eq!(why(&mut lane, claim(3), 100.0), Wait::Paused);
    }

    #[test]
    fn a_slot_given_back_counts_for_nothing_and_leaves_the_lane_to_others() {
        let mut lane = lane();
        assert_eq!(lane.reserve(claim(1), 30_000.0, 0.0), Turn::Go);
        let reserved_until = lane.spacing.busy_until();
        assert_eq!(lane.reserve(claim(2), 30_000.0, 10.0), Turn::AskAgain { at: 110.0, why: Wait::InFlight });
        lane.spacing.give_back(reserved_until, 700.0, 20.0);
        assert_eq!(lane.reserve(claim(2), 30_000.0, 110.0), Turn::AskAgain { at: 720.0, why: Wait::Spacing });
        assert_eq!((lane.log.requests, lane.log.smallest_gap_ms), (0, f64::INFINITY));
        assert_eq!(lane.reserve(claim(2), 30_000.0, 720.0), Turn::Go);
        lane.start(0, 30_000.0, 725.0);
        lane.spacing.ended(725.0, 800.0);
        assert_eq!((lane.spacing.opens_at(800.0), lane.log.requests), (2_801.0, 1));
    }

    #[test]
    fn a_slot_that_was_forgotten_cannot_be_given_back() {
        let mut lane = lane();
        assert_eq!(lane.reserve(claim(1), 5_000.0, 0.0), Turn::Go);
        let reserved_until = lane.spacing.busy_until();
        assert_eq!(lane.ask(claim(2), 5_000.0, 9_000.0), Turn::Go, "a gap after it was forgotten");
        lane.spacing.give_back(reserved_until, 10.0, 9_001.0);
        assert_eq!(lane.spacing.closed_by(9_001.0), Some(Wait::InFlight));
    }

    #[test]
    fn a_newcomer_expects_its_turn_behind_all_who_wait() {
        let mut lane = lane();
        lane.ask(claim(1), 30_000.0, 0.0);
        lane.spacing.ended(0.0, 100.0);
        lane.ask(claim(2), 30_000.0, 100.0);
        lane.ask(claim(3), 30_000.0, 100.0);
        assert_eq!(lane.expected(claim(4), 100.0), Expected { position: 2, at: 2_101.0 + 2.0 * 2_001.0 });
        assert_eq!(lane.expected(claim(2), 100.0), Expected { position: 0, at: 2_101.0 });
        assert_eq!(lane.expected(Claim { due_at: 60_000.0, ..claim(5) }, 100.0).at, 60_000.0);
    }
}
