//! A lane: the one way to an endpoint. Every request of every kind passes through it: polls, retries, single calls, from
//! all clients that use the same token.
//!
//! Waiters share nothing but data. Each asks for its turn, sleeps on a timer of its own and asks again, because in a Worker
//! neither a timer nor a promise may outlive, or be settled by, another request. Strict spacing makes that cheap: while a
//! request is under way the next one cannot start within a whole gap from now, so nobody has to be woken when it ends.

pub mod queue;
pub mod spacing;

pub use queue::{Claim, Queue};
pub use spacing::Spacing;

/// Added to a request's timeout before the lane stops waiting for its end: its owner ended without saying so.
const OWNER_GONE_MS: f64 = 1_000.0;

/// The answer to a waiter that asks for its turn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Turn {
    /// The slot is taken for the asker, who starts its request now.
    Go,
    /// Not yet: ask again then.
    AskAgainAt(f64),
}

/// Spacing and order of one endpoint's requests.
#[derive(Clone, Debug, Default)]
pub struct Lane {
    /// The 2-second rule.
    pub spacing: Spacing,
    /// Who wants to go, in which order.
    pub queue: Queue,
}

impl Lane {
    /// Asks for a turn. On [`Turn::Go`] the slot is used up, whatever becomes of the request; it is reported with
    /// [`Spacing::answered`] and [`Spacing::ended`], and forgotten about after `request_timeout_ms` and a little.
    pub fn ask(&mut self, claim: Claim, request_timeout_ms: f64, now: f64) -> Turn {
        let opens_at = self.spacing.opens_at(now);
        let turn_at = self.queue.turn_at(claim, opens_at, now);
        if turn_at > now {
            return Turn::AskAgainAt(turn_at);
        }
        self.queue.take(claim, now);
        self.spacing.started(now, now + request_timeout_ms + OWNER_GONE_MS);
        Turn::Go
    }

    /// When a claim enlisted now, behind all others, can expect its turn.
    pub fn expected_at(&self, due_at: f64, now: f64) -> f64 {
        due_at.max(self.spacing.opens_at(now) + self.queue.len() as f64 * self.spacing.gap_ms())
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod simulation;

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    fn claim(ticket: u32) -> Claim {
        Claim { ticket, due_at: 0.0, waiting_since: f64::from(ticket), urgent_from: f64::INFINITY }
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
        assert_eq!(lane.ask(claim(2), 30_000.0, 10.0), Turn::AskAgainAt(2_011.0));
        lane.spacing.ended(450.0);
        assert_eq!(lane.ask(claim(2), 30_000.0, 2_011.0), Turn::AskAgainAt(2_451.0));
        assert_eq!(lane.ask(claim(2), 30_000.0, 2_451.0), Turn::Go);
    }

    #[test]
    fn a_request_whose_owner_vanished_blocks_no_longer_than_its_timeout() {
        let mut lane = lane();
        assert_eq!(lane.ask(claim(1), 5_000.0, 0.0), Turn::Go);
        let Turn::AskAgainAt(at) = lane.ask(claim(2), 5_000.0, 6_001.0) else { panic!("too early") };
        assert_eq!(at, 8_001.0, "a gap after the moment it was given up");
        assert_eq!(lane.ask(claim(2), 5_000.0, at), Turn::Go);
    }

    #[test]
    fn a_newcomer_expects_its_turn_behind_all_who_wait() {
        let mut lane = lane();
        lane.ask(claim(1), 30_000.0, 0.0);
        lane.spacing.ended(100.0);
        lane.ask(claim(2), 30_000.0, 100.0);
        lane.ask(claim(3), 30_000.0, 100.0);
        assert_eq!(lane.expected_at(0.0, 100.0), 2_101.0 + 2.0 * 2_001.0);
        assert_eq!(lane.expected_at(60_000.0, 100.0), 60_000.0);
    }
}
