//! Drives one poll: does what the state machine says and tells it what came of it.

use js_sys::Math;
use wasm_bindgen::prelude::*;

use super::call::Call;
use super::client::Session;
use super::clock;
use super::error::Stop;
use super::event::Event as Told;
use super::exchange::{Exchanged, Wish, exchange};
use super::progress::{Facts, progress};
use super::watch::Audience;
use crate::job::Job;
use crate::news::News;
use crate::poll::{Effect, Event, Plan, Poll};
use crate::reply::{OnUnknownStatus, Reading};

/// Asks for `job` as `plan` says. `audience` is told of each reply; what it throws ends the poll.
pub(crate) async fn run(
    session: &Session,
    call: &Call,
    job: &Job,
    plan: Plan,
    unknown: OnUnknownStatus,
    audience: &Audience,
) -> Result<JsValue, Stop> {
    let (mut poll, mut effect) = Poll::new(plan, clock::now());
    let mut news = News::default();
    let mut cause = None;
    loop {
        let wish = match effect {
            Effect::Poll { due_at, urgent_from, give_up_at } => {
                Wish { due_at, waiting_since: poll.waiting_since(), urgent_from, give_up_at }
            }
            Effect::Fail(mut failure) => {
                failure.endpoint = Some(job.endpoint);
                return Err(Stop::Failed(failure, cause));
            }
            // Finishing returns below, with the reply; requests are sent inside the exchange.
            Effect::Finish | Effect::Request { .. } => return Err(Stop::Thrown(JsValue::UNDEFINED)),
        };
        let now = clock::now();
        if wish.due_at > now {
            let (endpoint, batch_id, wait_ms) = (job.endpoint, job.batch_id.as_str(), (wish.due_at - now).ceil());
            session.config.emit(&Told::Wait { endpoint, batch_id, wait_ms });
        }
        let mut sent = |now| {
            let timeout_ms = match poll.step(Event::Sent, now) {
                Effect::Request { timeout_ms } => timeout_ms,
                _ => plan.request_timeout_ms,
            };
            (poll.attempts(), timeout_ms)
        };
        let exchanged = exchange(session, call, job, unknown, wish, &mut sent).await?;
        let now = clock::now();
        effect = match exchanged {
            Exchanged::Lapsed => poll.step(Event::Lapsed, now),
            Exchanged::Nudged => poll.step(Event::Nudged, now),
            Exchanged::Failed(failed) => {
                let code = failed.failure.code;
                cause = failed.cause;
                let effect = poll.step(Event::Failed { failure: failed.failure, jitter: Math::random() }, now);
                if let Effect::Poll { due_at, .. } = effect {
                    let (endpoint, batch_id, attempt) = (job.endpoint, job.batch_id.as_str(), poll.attempts());
                    session.config.emit(&Told::Retry {
                        endpoint,
                        batch_id,
                        attempt,
                        code,
                        wait_ms: (due_at - now).ceil(),
                    });
                }
                effect
            }
            Exchanged::Reply(reply, reading) => {
                cause = None;
                let effect = poll.step(Event::Read(reading.outcome), now);
                if !audience.is_empty() {
                    let facts = facts(session, job, &poll, &effect, &reading, now);
                    let progress = progress(&facts, &reply, &reading, &mut news).map_err(Stop::Thrown)?;
                    audience.tell(progress).map_err(Stop::Thrown)?;
                }
                if effect == Effect::Finish {
                    return Ok(reply);
                }
                effect
            }
        };
    }
}

fn facts(session: &Session, job: &Job, poll: &Poll, effect: &Effect, reading: &Reading, now: f64) -> Facts {
    let (mut next_poll_in_ms, mut queue_position) = (None, 0);
    if let Effect::Poll { due_at, .. } = effect {
        session.with_known_lane(job.endpoint, |lane| {
            next_poll_in_ms = Some((lane.expected_at(*due_at, now) - now).ceil());
            queue_position = lane.queue.len();
        });
    }
    Facts {
        attempt: poll.attempts(),
        elapsed_ms: poll.elapsed_ms(now),
        next_poll_in_ms,
        queue_position,
        counts: reading.counts,
    }
}
