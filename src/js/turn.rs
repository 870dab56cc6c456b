//! Waiting for the lane's turn. Every request, whatever it is for, goes through here.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::clock;
use super::drive::{Awaits, Driver, Next};
use super::error::{Stop, platform_cause};
use super::lanes::SharedLane;
use super::pacing;
use super::presence;
use super::request::{Attempt, Sending, fresh_token};
use super::run::Run;
use crate::error::{Code, Failure};
use crate::lane::{Claim, Lane, Turn};
use crate::poll::{Event, Wish};

thread_local! {
    static NEXT_TICKET: Cell<u32> = const { Cell::new(0) };
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
    /// The next in line for the slots of `token`'s lane.
    fn new(run: &Run, token: JsValue, now: f64) -> Self {
        let lane = run.session.lane(run.endpoint, &token);
        let ticket = NEXT_TICKET.with(|next| next.replace(next.get().wrapping_add(1)));
        if run.closed_until > now {
            lane.with(|lane| lane.spacing.stay_closed(run.closed_until - now, now));
        }
        Self { lane, token, ticket, state: State::Waiting, at: 0.0 }
    }

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

impl Driver {
    /// Starts the next request if it is due and the lane's turn has come; else sleeps until it is worth looking again.
    pub(super) fn turn(&mut self, run: &Rc<Run>) -> Result<Next, Stop> {
        // Looked at anew on every waking: a timer may be late by a minute in a hidden tab, and the lane has gone on.
        let now = clock::now();
        run.notice_sleep(now);
        let wish = run.wish();
        let mut until = wish.due_at;
        let probe_at = *self.probe_at.get_or_insert(now.max(until) + presence::PROBE_MS);
        if until <= now && now < probe_at && presence::is_offline() {
            until = probe_at;
        }
        if until <= now {
            if self.place.is_none() {
                if run.session.config.has_provider {
                    let asked = fresh_token(&run.session.config.given, self.renew_token);
                    return Ok(self.wait_for(run, Awaits::Token, &asked, now + run.request_timeout_ms()));
                }
                self.place = Some(Place::new(run, JsValue::UNDEFINED, now));
            }
            let Some(place) = &mut self.place else { return Ok(Next::Turn) };
            match place.ask(run, wish, now) {
                Turn::AskAgain { at, .. } => until = at,
                Turn::Go if run.session.config.is_shared => {
                    let answer_by = (now + run.request_timeout_ms()).min(wish.give_up_at);
                    let asked = pacing::reserve(run, place);
                    return Ok(self.wait_for(run, Awaits::Grant, &asked, answer_by));
                }
                Turn::Go => return Ok(self.send(run)),
            }
        }
        if now >= wish.give_up_at {
            return self.happened(run, Event::Lapsed, now);
        }
        // The moment from which it is urgent may come before the turn does.
        if wish.urgent_from > now {
            until = until.min(wish.urgent_from);
        }
        self.sleep(run, until.min(wish.give_up_at), now)
    }

    /// A provider was asked for the token of the next request. What it throws ends the call: it alone knows why.
    pub(super) fn provided(&mut self, run: &Rc<Run>, token: Option<Result<JsValue, JsValue>>) -> Result<Next, Stop> {
        let Some(token) = token else {
            let detail = Some("The token function took longer than requestTimeoutMs.");
            return Err(Failure { detail, ..Failure::new(Code::RequestTimeout) }.into());
        };
        self.place = Some(Place::new(run, token.map_err(Stop::Thrown)?, clock::now()));
        self.turn(run)
    }

    /// Those who share the lane were asked for the slot: how long to wait for another, if not 0.
    pub(super) fn granted(&mut self, run: &Rc<Run>, said: Option<Result<JsValue, JsValue>>) -> Result<Next, Stop> {
        let cause = match said {
            Some(Ok(wait_ms)) => {
                let wait_ms = wait_ms.as_f64().unwrap_or_default();
                if wait_ms == 0.0 {
                    return Ok(self.send(run));
                }
                if let Some(place) = &mut self.place {
                    place.give_back(wait_ms);
                }
                return self.turn(run);
            }
            Some(Err(error)) => Some(platform_cause(&error, run.secret(&self.token()).as_deref())),
            None => None,
        };
        let detail = Some("sharePacing gave neither a slot nor a time to wait. Check what it asks.");
        let failure = Failure { detail, endpoint: Some(run.endpoint), ..Failure::new(Code::Network) };
        self.take_in(run, Err((failure.into(), cause)))
    }

    /// Sends a request in the slot that was taken for it.
    fn send(&mut self, run: &Rc<Run>) -> Next {
        let wait = self.next_wait();
        let Some(place) = &mut self.place else { return Next::Turn };
        let started_at = place.start(run);
        let (until, number) = run.sent(started_at);
        self.attempt = Some(Attempt::send(run, place, Sending { number, wait, started_at, until }));
        self.awaits = Awaits::Response;
        self.wait_until(run, until, started_at)
    }
}
