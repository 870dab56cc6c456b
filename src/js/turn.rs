//! Waiting for the lane's turn. Every request, whatever it is for, goes through here.

use std::cell::Cell;

use super::call::Woken;
use super::clock;
use super::error::Stop;
use super::lanes::SharedLane;
use super::poll::Run;
use super::presence;
use super::token::{Token, ask};
use crate::lane::{Claim, Turn};
use crate::poll::Wish;

thread_local! {
    static NEXT_TICKET: Cell<u32> = const { Cell::new(0) };
}

/// What came of a wish.
pub(crate) enum Granted {
    /// The turn: start the request now.
    Turn,
    /// The turn did not come in time.
    Lapsed,
    /// Word came from outside while waiting.
    Nudged,
}

/// A place in a lane's queue, then its slot. However a call ends, the lane learns of it.
pub(crate) struct Place {
    pub(crate) lane: SharedLane,
    pub(crate) token: Option<String>,
    ticket: u32,
    /// When its request started; infinite until then.
    pub(crate) started_at: f64,
    /// Until when a slot is reserved for it while others are asked; 0 where none is.
    reserved_until: f64,
    /// The least time between two requests when it got its slot.
    pub(crate) gap_ms: f32,
}

impl Place {
    fn ask(&mut self, run: &Run, wish: Wish, now: f64) -> Turn {
        let claim = Claim { urgent_from: wish.urgent_from, ..run.claim(self.ticket, wish.due_at) };
        self.lane.with(|lane| {
            let turn = lane.reserve(claim, run.request_timeout_ms(), now);
            if turn == Turn::Go {
                (self.reserved_until, self.gap_ms) = (lane.spacing.busy_until(), lane.spacing.gap_ms() as f32);
            } else {
                lane.log.note(&run.job.batch_id, turn, now);
            }
            turn
        })
    }

    /// The request starts, in the slot that was reserved for it.
    pub(crate) fn start(&mut self, run: &Run, now: f64) {
        (self.started_at, self.reserved_until) = (now, 0.0);
        self.lane.with(|lane| {
            lane.start(run.request_timeout_ms(), now);
            lane.log.note(&run.job.batch_id, Turn::Go, now);
        });
    }

    /// No request starts in the slot: the lane is others' for so long.
    pub(crate) fn give_back(&mut self, closed_for_ms: f64) {
        let reserved_until = std::mem::take(&mut self.reserved_until);
        self.lane.with(|lane| lane.spacing.give_back(reserved_until, closed_for_ms, clock::now()));
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.reserved_until > 0.0 {
            // Nobody knows whether the others granted it, so it counts as used.
            self.give_back(self.gap_ms.into());
        }
        self.lane.with(|lane| {
            if self.started_at.is_finite() {
                lane.spacing.ended(self.started_at, clock::now());
            } else {
                lane.queue.leave(self.ticket);
            }
        });
    }
}

/// Waits until the request is due, gets its token (a new one where a provider must renew it), and waits for its turn on the
/// token's lane. Gives it a place there, unless it has one, whose slot others had.
pub(crate) async fn turn(run: &Run, place: &mut Option<Place>, renew_token: bool) -> Result<Granted, Stop> {
    let (session, call) = (&run.session, &run.call);
    // Until then, being offline is reason enough to wait.
    let probe_at = clock::now().max(run.wish().due_at) + presence::PROBE_MS;
    loop {
        call.check()?;
        run.notice_sleep();
        // Looked at anew on every waking: a timer may be late by a minute in a hidden tab, and the lane has gone on.
        let (now, wish) = (clock::now(), run.wish());
        let mut until = wish.due_at;
        if until <= now && now < probe_at && presence::is_offline() {
            until = probe_at;
        }
        if until <= now {
            if place.is_none() {
                let token = match &session.config.token {
                    Token::Provider(provider) => Some(ask(provider, run, renew_token).await?),
                    at_hand => at_hand.at_hand().flatten().map(String::from),
                };
                let lane = session.lane(run.job.endpoint, token.as_deref());
                let ticket = NEXT_TICKET.with(|next| next.replace(next.get().wrapping_add(1)));
                lane.with(|lane| lane.spacing.stay_closed(run.closed_until - now, now));
                let (started_at, reserved_until, gap_ms) = (f64::INFINITY, 0.0, 0.0);
                *place = Some(Place { lane, token, ticket, started_at, reserved_until, gap_ms });
                continue;
            }
            match place.as_mut().map(|place| place.ask(run, wish, now)) {
                Some(Turn::AskAgain { at, .. }) => until = at,
                _ => return Ok(Granted::Turn),
            }
        }
        if now >= wish.give_up_at {
            return Ok(Granted::Lapsed);
        }
        // The moment from which it is urgent may come before the turn does.
        if wish.urgent_from > now {
            until = until.min(wish.urgent_from);
        }
        if let Woken::Nudged = call.sleep(until.min(wish.give_up_at)).await? {
            return Ok(Granted::Nudged);
        }
    }
}
