//! Waiting for the lane's turn. Every request, whatever it is for, goes through here.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;

use wasm_bindgen::prelude::*;

use super::call::Woken;
use super::clock;
use super::error::Stop;
use super::lanes::SharedLane;
use super::pacing;
use super::poll::Run;
use super::presence;
use super::request::fresh_token;
use crate::error::{Code, Failure};
use crate::lane::{Claim, Lane, Turn};
use crate::poll::Wish;

thread_local! {
    static NEXT_TICKET: Cell<u32> = const { Cell::new(0) };
}

/// What came of a wish.
pub(crate) enum Granted {
    /// The turn: start the request now, unless those who share the lane could not be asked.
    Turn(Place, Option<Stop>),
    /// The turn did not come in time.
    Lapsed,
    /// Word came from outside while waiting.
    Nudged,
}

/// A place in a lane's queue, then its slot. However a call ends, the lane learns of it.
pub(crate) struct Place {
    pub(crate) lane: SharedLane,
    /// Undefined where the options say it or a proxy adds it.
    pub(crate) token: JsValue,
    ticket: u32,
    state: State,
    /// Until when its slot is reserved, or when its request started.
    at: f64,
}

/// What became of a place. Beside its moment and not around it: thousands may wait, and this takes less room.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Waiting,
    Reserved,
    Started,
    Over,
}

impl Place {
    fn ask(&mut self, run: &Run, wish: Wish, now: f64) -> Turn {
        let claim = Claim { urgent_from: wish.urgent_from, ..run.claim(self.ticket, wish.due_at) };
        self.lane.with(|lane| {
            lane.spacing.require_floor(run.session.config.floor_ms);
            let turn = lane.reserve(claim, run.request_timeout_ms(), now);
            match turn {
                Turn::Go if run.session.config.is_shared => {
                    (self.state, self.at) = (State::Reserved, lane.spacing.busy_until());
                }
                Turn::Go => (self.state, self.at) = (State::Started, started(lane, run, now)),
                Turn::AskAgain { .. } => lane.log.note(&run.batch_id, turn, now),
            }
            turn
        })
    }

    /// The request starts, in the slot that was reserved for it. When it did.
    pub(crate) fn start(&mut self, run: &Run) -> f64 {
        if self.state == State::Reserved {
            let at = self.lane.with(|lane| started(lane, run, clock::now()));
            (self.state, self.at) = (State::Started, at);
        }
        self.at
    }

    /// The request came to its end: `learn` tells the lane what there is to learn from it.
    pub(crate) fn end(&mut self, now: f64, learn: impl FnOnce(&mut Lane)) {
        self.state = State::Over;
        self.lane.with(|lane| {
            learn(lane);
            lane.spacing.ended(self.at, now);
        });
    }

    /// No request starts in the slot: the lane is others' for so long.
    fn give_back(&mut self, closed_for_ms: f64) {
        self.state = State::Waiting;
        self.lane.with(|lane| lane.spacing.give_back(self.at, closed_for_ms, clock::now()));
    }

    /// The least time between two requests of its lane.
    pub(crate) fn gap_ms(&self) -> f64 {
        self.lane.with(|lane| lane.spacing.gap_ms())
    }
}

/// A request of `run` starts, now.
fn started(lane: &mut Lane, run: &Run, now: f64) -> f64 {
    lane.start(run.request_timeout_ms(), now);
    lane.log.note(&run.batch_id, Turn::Go, now);
    now
}

impl Drop for Place {
    fn drop(&mut self) {
        match self.state {
            State::Waiting => self.lane.with(|lane| lane.queue.leave(self.ticket)),
            // Nobody knows whether the others granted it, so it counts as used.
            State::Reserved => self.give_back(self.gap_ms()),
            State::Started => self.end(clock::now(), |_| {}),
            State::Over => {}
        }
    }
}

/// Waits until the request is due, gets its token (a new one where a provider must renew it), and waits for its turn on the
/// token's lane.
pub(crate) async fn turn(run: &Run, renew_token: bool) -> Result<Granted, Stop> {
    let (session, call) = (&run.session, &run.call);
    // Until then, being offline is reason enough to wait.
    let mut probe_at = None;
    let mut place = None;
    loop {
        call.check()?;
        // Looked at anew on every waking: a timer may be late by a minute in a hidden tab, and the lane has gone on.
        let now = clock::now();
        run.notice_sleep(now);
        let wish = run.wish();
        let mut until = wish.due_at;
        let probe_at = *probe_at.get_or_insert(now.max(until) + presence::PROBE_MS);
        if until <= now && now < probe_at && presence::is_offline() {
            until = probe_at;
        }
        if until <= now {
            if place.is_none() {
                let token = match session.config.has_provider {
                    true => provided(run, renew_token).await?,
                    false => JsValue::UNDEFINED,
                };
                let lane = session.lane(run.endpoint, &token);
                let ticket = NEXT_TICKET.with(|next| next.replace(next.get().wrapping_add(1)));
                if run.closed_until > now {
                    lane.with(|lane| lane.spacing.stay_closed(run.closed_until - now, now));
                }
                place = Some(Place { lane, token, ticket, state: State::Waiting, at: 0.0 });
                if session.config.has_provider {
                    // That took its time.
                    continue;
                }
            }
            let Some(asking) = &mut place else { continue };
            if let Turn::AskAgain { at, .. } = asking.ask(run, wish, now) {
                until = at;
            } else {
                let mut unheard = None;
                if session.config.is_shared {
                    let answer_by = (now + run.request_timeout_ms()).min(wish.give_up_at);
                    let answer = call.settled(&pacing::reserve(run, asking), answer_by).await?;
                    match run.heard(answer, asking) {
                        Ok(0.0) => {}
                        Ok(wait_ms) => {
                            asking.give_back(wait_ms);
                            continue;
                        }
                        Err(stop) => unheard = Some(stop),
                    }
                }
                return Ok(place.map_or(Granted::Lapsed, |place| Granted::Turn(place, unheard)));
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

/// Asks a provider for the token of the next request. What it throws ends the call: it alone knows why.
fn provided(run: &Run, force_refresh: bool) -> Pin<Box<dyn Future<Output = Result<JsValue, Stop>> + '_>> {
    // On the heap: few use a provider, and the room for asking would be in every poll.
    Box::pin(async move {
        let asked = fresh_token(&run.session.config.given, force_refresh);
        match run.call.settled(&asked, clock::now() + run.request_timeout_ms()).await? {
            Woken::Settled(token) => token.map_err(Stop::Thrown),
            Woken::Time | Woken::Nudged => {
                let detail = Some("The token function took longer than requestTimeoutMs.");
                Err(Failure { detail, ..Failure::new(Code::RequestTimeout) }.into())
            }
        }
    })
}
