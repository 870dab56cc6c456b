//! One question and its answer: waits for the lane's turn, sends the request, reads the reply. Whatever the request is for,
//! it goes through here.

use std::cell::Cell;

use wasm_bindgen::prelude::*;

use super::call::Call;
use super::client::Session;
use super::clock;
use super::error::Stop;
use super::event::Event;
use super::flag::{First, race};
use super::json::Parsed;
use super::lanes::SharedLane;
use super::request::{self, Answer, Failed};
use super::results::make_certain;
use crate::error::Code;
use crate::job::Job;
use crate::lane::{Claim, Turn};
use crate::reply::{OnUnknownStatus, Outcome, Reading, read};

thread_local! {
    static NEXT_TICKET: Cell<u32> = const { Cell::new(0) };
}

/// When a request is wanted, and until when.
pub(crate) struct Wish {
    pub(crate) due_at: f64,
    pub(crate) waiting_since: f64,
    pub(crate) urgent_from: f64,
    pub(crate) give_up_at: f64,
}

/// What came of a wish.
pub(crate) enum Exchanged {
    /// A reply that is no error, made certain.
    Reply(JsValue, Reading),
    /// The attempt failed.
    Failed(Failed),
    /// The turn did not come in time.
    Lapsed,
    /// Word came from outside while waiting; nothing was sent.
    Nudged,
}

/// Asks for `job` once. `sent` is called as the request starts, and gives the attempt's number and its limit.
pub(crate) async fn exchange(
    session: &Session,
    call: &Call,
    job: &Job,
    unknown: OnUnknownStatus,
    wish: Wish,
    sent: &mut dyn FnMut(f64) -> (u32, f64),
) -> Result<Exchanged, Stop> {
    let config = &session.config;
    let ticket = NEXT_TICKET.with(|next| next.replace(next.get().wrapping_add(1)));
    // Two attempts at most: a provider's token that is refused is renewed once.
    let mut renewed = false;
    loop {
        if let Some(end) = wait_until(wish.due_at, call, wish.give_up_at).await? {
            return Ok(end);
        }
        let token = match race(call.stopped(), config.token.get(renewed)).await {
            First::Left(stop) => return Err(stop),
            First::Right(token) => token?,
        };
        let lane = session.lane(job.endpoint, token.as_deref());
        let place = Place { lane: &lane, ticket };
        if let Some(end) = place.turn(&wish, config.request_timeout_ms, call).await? {
            return Ok(end);
        }
        let started_at = clock::now();
        let slot = Slot(&lane);
        let (attempt, timeout_ms) = sent(started_at);
        let (endpoint, batch_id) = (job.endpoint, job.batch_id.as_str());
        config.emit(&Event::Request { endpoint, batch_id, attempt });
        let answered = |http_status| {
            let now = clock::now();
            lane.with(|lane| lane.spacing.answered(now));
            config.emit(&Event::Response {
                endpoint,
                batch_id,
                attempt,
                http_status,
                duration_ms: (now - started_at).ceil(),
            });
        };
        let request = request::send(config, job, token.as_deref(), timeout_ms, answered);
        let result = match race(call.stopped(), request).await {
            First::Left(stop) => return Err(stop),
            First::Right(result) => result,
        };
        drop(slot);
        let failed = match result
            .map_err(Exchanged::Failed)
            .and_then(|answer| certain(answer, job, unknown, token.as_deref()))
        {
            Ok(reply) => {
                lane.with(|lane| lane.spacing.accepted());
                return Ok(reply);
            }
            Err(Exchanged::Failed(failed)) => failed,
            Err(other) => return Ok(other),
        };
        match failed.failure.code {
            Code::RateLimited => {
                let pause_ms = lane.with(|lane| lane.spacing.refused(failed.failure.retry_after_ms, clock::now()));
                config.emit(&Event::Pause { endpoint, batch_id, pause_ms });
            }
            Code::Unauthenticated if config.token.can_refresh() && !renewed => {
                renewed = true;
                continue;
            }
            _ => {}
        }
        return Ok(Exchanged::Failed(failed));
    }
}

/// Reads the reply and makes it certain.
fn certain(answer: Answer, job: &Job, unknown: OnUnknownStatus, token: Option<&str>) -> Result<Exchanged, Exchanged> {
    let reply = Parsed(answer.reply);
    match read(&reply, unknown, token) {
        Ok(reading) => {
            make_certain(&reply.0, reading.outcome == Outcome::Done);
            Ok(Exchanged::Reply(reply.0, reading))
        }
        Err(mut failure) => {
            failure.endpoint = Some(job.endpoint);
            failure.http_status = Some(answer.http_status);
            Err(Exchanged::Failed(Failed { failure, cause: None }))
        }
    }
}

/// Sleeps until `at`, unless something else ends the wait first.
async fn wait_until(at: f64, call: &Call, give_up_at: f64) -> Result<Option<Exchanged>, Stop> {
    call.check()?;
    if at <= clock::now() {
        return Ok(None);
    }
    let woken = race(call.stopped(), race(call.nudged.raised(), clock::sleep_until(at.min(give_up_at)))).await;
    match woken {
        First::Left(stop) => Err(stop),
        First::Right(First::Left(())) => {
            call.nudged.lower();
            Ok(Some(Exchanged::Nudged))
        }
        First::Right(First::Right(())) => Ok((at > give_up_at).then_some(Exchanged::Lapsed)),
    }
}

/// A place in a lane's queue, given up when dropped.
struct Place<'a> {
    lane: &'a SharedLane,
    ticket: u32,
}

impl Place<'_> {
    /// Waits for the turn. On `None` it has come and the slot is taken.
    async fn turn(&self, wish: &Wish, request_timeout_ms: f64, call: &Call) -> Result<Option<Exchanged>, Stop> {
        let claim = Claim {
            ticket: self.ticket,
            due_at: wish.due_at,
            waiting_since: wish.waiting_since,
            urgent_from: wish.urgent_from,
        };
        loop {
            // Asked again on every waking: a timer may be late by a minute in a hidden tab, and the lane has gone on.
            let now = clock::now();
            let ask_again_at = match self.lane.with(|lane| lane.ask(claim, request_timeout_ms, now)) {
                Turn::Go => return Ok(None),
                Turn::AskAgainAt(at) => at,
            };
            if now >= wish.give_up_at {
                return Ok(Some(Exchanged::Lapsed));
            }
            // An urgent moment may come before the turn does.
            let at = if wish.urgent_from > now { ask_again_at.min(wish.urgent_from) } else { ask_again_at };
            if let Some(end @ Exchanged::Nudged) = wait_until(at, call, wish.give_up_at).await? {
                return Ok(Some(end));
            }
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.lane.with(|lane| lane.queue.leave(self.ticket));
    }
}

/// The slot of a request under way; however it ends, the lane learns of it.
struct Slot<'a>(&'a SharedLane);

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.0.with(|lane| lane.spacing.ended(clock::now()));
    }
}
