//! Waiting for the lane's turn. Every request, whatever it is for, goes through here.

use std::cell::Cell;

use super::call::{Call, Woken};
use super::clock;
use super::error::Stop;
use super::lanes::SharedLane;
use super::session::Session;
use crate::job::Endpoint;
use crate::lane::{Claim, Turn};

thread_local! {
    static NEXT_TICKET: Cell<u32> = const { Cell::new(0) };
}

/// When a request is wanted, and until when.
pub(crate) struct Wish {
    pub(crate) due_at: f64,
    pub(crate) waiting_since: f64,
    pub(crate) urgent_from: f64,
    pub(crate) give_up_at: f64,
    /// The limit of the attempt.
    pub(crate) request_timeout_ms: f64,
    /// Whether a token provider must renew its token.
    pub(crate) renew_token: bool,
}

/// What came of a wish.
pub(crate) enum Granted {
    /// The turn: start the request now.
    Turn(Slot),
    /// The turn did not come in time.
    Lapsed,
    /// Word came from outside while waiting.
    Nudged,
}

/// A slot on a lane, taken. However the request ends, the lane learns of it.
pub(crate) struct Slot {
    pub(crate) lane: SharedLane,
    pub(crate) token: Option<String>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.lane.with(|lane| lane.spacing.ended(clock::now()));
    }
}

/// Waits until the request is due, gets its token, and waits for its turn on the token's lane.
pub(crate) async fn turn(session: &Session, call: &Call, endpoint: Endpoint, wish: Wish) -> Result<Granted, Stop> {
    if let Woken::Nudged = call.sleep(wish.due_at.min(wish.give_up_at)).await? {
        return Ok(Granted::Nudged);
    }
    let token = session.config.token.get(call, wish.renew_token, clock::now() + wish.request_timeout_ms).await?;
    let lane = session.lane(endpoint, token.as_deref());
    let ticket = NEXT_TICKET.with(|next| next.replace(next.get().wrapping_add(1)));
    let Wish { due_at, waiting_since, urgent_from, give_up_at, request_timeout_ms, .. } = wish;
    let place = Place { lane: &lane, ticket };
    loop {
        // Asked again on every waking: a timer may be late by a minute in a hidden tab, and the lane has gone on.
        let now = clock::now();
        let claim = Claim { ticket, due_at, waiting_since, urgent_from };
        let ask_again_at = match lane.with(|lane| lane.ask(claim, request_timeout_ms, now)) {
            Turn::Go => break,
            Turn::AskAgainAt(at) => at,
        };
        if now >= give_up_at {
            return Ok(Granted::Lapsed);
        }
        // The moment from which it is urgent may come before the turn does.
        let until = if urgent_from > now { ask_again_at.min(urgent_from) } else { ask_again_at };
        if let Woken::Nudged = call.sleep(until.min(give_up_at)).await? {
            return Ok(Granted::Nudged);
        }
    }
    drop(place);
    Ok(Granted::Turn(Slot { lane, token }))
}

/// A place in a lane's queue, given up when dropped.
struct Place<'a> {
    lane: &'a SharedLane,
    ticket: u32,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.lane.with(|lane| lane.queue.leave(self.ticket));
    }
}
