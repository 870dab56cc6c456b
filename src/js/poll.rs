//! Drives one poll: does what the state machine says and tells it what came of it.

use js_sys::Math;
use wasm_bindgen::prelude::*;

use super::call::Call;
use super::clock;
use super::error::Stop;
use super::event::Event as Told;
use super::json::Parsed;
use super::progress::{Facts, progress};
use super::request::{Answer, Attempt};
use super::results::make_certain;
use super::session::Session;
use super::turn::{Granted, Slot, Wish, turn};
use super::watch::Audience;
use crate::error::{Code, Failure};
use crate::job::Job;
use crate::news::News;
use crate::poll::{Effect, Event, Plan, Poll};
use crate::reply::{OnUnknownStatus, Outcome, Reading, read};

/// Asks for `job` as `plan` says. `audience` is told of each reply; what it throws ends the poll.
pub(crate) async fn run(
    session: &Session,
    call: &Call,
    job: &Job,
    plan: Plan,
    unknown: OnUnknownStatus,
    audience: &Audience,
) -> Result<JsValue, Stop> {
    let config = &session.config;
    let teller = Teller { session, job };
    let (mut poll, mut effect) = Poll::new(plan, clock::now());
    let mut news = News::default();
    let (mut reply, mut cause) = (JsValue::UNDEFINED, None);
    // A provider's token that is refused is renewed once, then the refusal counts.
    let mut renew_token = false;
    loop {
        let (due_at, urgent_from, give_up_at) = match effect {
            Effect::Poll { due_at, urgent_from, give_up_at } => (due_at, urgent_from, give_up_at),
            Effect::Finish => return Ok(reply),
            Effect::Fail(mut failure) => {
                failure.endpoint = Some(job.endpoint);
                return Err(Stop::Failed(failure, cause));
            }
        };
        teller.wait(due_at);
        let wish = Wish {
            due_at,
            waiting_since: poll.waiting_since(),
            urgent_from,
            give_up_at,
            request_timeout_ms: plan.request_timeout_ms,
            renew_token,
        };
        let slot = match turn(session, call, job.endpoint, wish).await? {
            Granted::Turn(slot) => slot,
            Granted::Lapsed => {
                effect = poll.step(Event::Lapsed, clock::now());
                continue;
            }
            Granted::Nudged => {
                effect = poll.step(Event::Nudged, clock::now());
                continue;
            }
        };
        let now = clock::now();
        let until = now + poll.sent(now);
        let answer = Attempt { config, call, job, slot: &slot, number: poll.attempts(), until }.send().await;
        let now = clock::now();
        match answer.and_then(|answer| read_certain(answer, job, unknown, &slot)) {
            Ok((certain, reading)) => {
                slot.lane.with(|lane| lane.spacing.accepted());
                drop(slot);
                (reply, cause, renew_token) = (certain, None, false);
                effect = poll.step(Event::Read(reading.outcome), now);
                if !audience.is_empty() {
                    let facts = teller.facts(&poll, &effect, &reading, now);
                    let progress = progress(&facts, &reply, &reading, &mut news).map_err(Stop::Thrown)?;
                    audience.tell(progress).map_err(Stop::Thrown)?;
                }
            }
            Err(Stop::Failed(failure, _))
                if failure.code == Code::Unauthenticated && config.token.can_refresh() && !renew_token =>
            {
                renew_token = true;
                effect = poll.step(Event::TokenRefused, now);
            }
            Err(Stop::Failed(failure, complaint)) => {
                let code = failure.code;
                (cause, renew_token) = (complaint, false);
                if code == Code::RateLimited {
                    teller.pause(&failure, &slot, now);
                }
                effect = poll.step(Event::Failed { failure, jitter: Math::random() }, now);
                teller.retry(&poll, &effect, code, now);
            }
            Err(thrown) => return Err(thrown),
        }
    }
}

/// Reads the reply and makes it certain.
fn read_certain(answer: Answer, job: &Job, unknown: OnUnknownStatus, slot: &Slot) -> Result<(JsValue, Reading), Stop> {
    let Answer { reply, http_status } = answer;
    let reply = Parsed(reply);
    let reading = read(&reply, unknown, slot.token.as_deref()).map_err(|mut failure| {
        failure.endpoint = Some(job.endpoint);
        failure.http_status = Some(http_status);
        Stop::Failed(failure, None)
    })?;
    make_certain(&reply.0, reading.outcome == Outcome::Done);
    Ok((reply.0, reading))
}

/// Tells of the poll of one job.
struct Teller<'a> {
    session: &'a Session,
    job: &'a Job,
}

impl Teller<'_> {
    fn wait(&self, due_at: f64) {
        let wait_ms = (due_at - clock::now()).ceil();
        if wait_ms > 0.0 {
            self.emit(|endpoint, batch_id| Told::Wait { endpoint, batch_id, wait_ms });
        }
    }

    fn retry(&self, poll: &Poll, effect: &Effect, code: Code, now: f64) {
        if let Effect::Poll { due_at, .. } = effect {
            let (attempt, wait_ms) = (poll.attempts(), (due_at - now).ceil());
            self.emit(|endpoint, batch_id| Told::Retry { endpoint, batch_id, attempt, code, wait_ms });
        }
    }

    /// The server refused: everyone on the lane stays away.
    fn pause(&self, failure: &Failure, slot: &Slot, now: f64) {
        let pause_ms = slot.lane.with(|lane| lane.spacing.refused(failure.retry_after_ms, now)).ceil();
        self.emit(|endpoint, batch_id| Told::Pause { endpoint, batch_id, pause_ms });
    }

    fn emit<'a>(&'a self, event: impl FnOnce(crate::job::Endpoint, &'a str) -> Told<'a>) {
        self.session.config.emit(&event(self.job.endpoint, &self.job.batch_id));
    }

    fn facts(&self, poll: &Poll, effect: &Effect, reading: &Reading, now: f64) -> Facts {
        let (mut next_poll_in_ms, mut queue_position) = (None, 0);
        if let Effect::Poll { due_at, .. } = effect {
            self.session.with_known_lane(self.job.endpoint, |lane| {
                next_poll_in_ms = Some((lane.expected_at(*due_at, now) - now).ceil());
                queue_position = lane.queue.len();
            });
        }
        let (attempt, elapsed_ms) = (poll.attempts(), poll.elapsed_ms(now));
        Facts { attempt, elapsed_ms, next_poll_in_ms, queue_position, counts: reading.counts }
    }
}
