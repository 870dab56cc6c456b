//! Takes a poll further: does what the state machine says and tells it what came of it, up to what there is to wait for.
//!
//! Not an `async` function: each event goes straight to where it is waited for. A task, a queue of tasks and a waker took an
//! eighth of the wasm, and a third of the time of a call.

use std::rc::Rc;

use js_sys::{Math, Promise};
use wasm_bindgen::prelude::*;

use super::call::{Timer, Word};
use super::clock;
use super::error::Stop;
use super::json::Parsed;
use super::member::object;
use super::pacing;
use super::request::{Answer, Attempt, Failed};
use super::results::{News, made_certain};
use super::run::Run;
use super::turn::Place;
use crate::error::Code;
use crate::fields::Fields;
use crate::poll::{Effect, Event};
use crate::reply::{Counts, Outcome, Reading, read};

/// The ticket of a claim that is not enlisted.
const NOBODY: u32 = u32::MAX;

/// What a driver remembers from one event to the next.
#[derive(Default)]
pub(crate) struct Driver {
    pub(super) awaits: Awaits,
    /// How often it has waited for a promise: word of an earlier one is nobody's.
    wait: u32,
    /// Until when it waits.
    pub(super) until: f64,
    /// The moment that the timer was set for, and the timer. What follows with the same limit goes on with it.
    timer: Option<(f64, Timer)>,
    // Dropped in this order: a request under way is ended before the lane learns that it has.
    pub(super) attempt: Option<Attempt>,
    pub(super) place: Option<Place>,
    /// Until then, being offline is reason enough to wait.
    pub(super) probe_at: Option<f64>,
    reply: JsValue,
    /// The platform's complaint about the last failure.
    cause: Option<JsValue>,
    /// A provider's token that is refused is renewed once, then the refusal counts.
    pub(super) renew_token: bool,
    /// From the first telling on.
    news: Option<News>,
}

/// What a driver waits for.
#[derive(Clone, Copy, Default)]
pub(crate) enum Awaits {
    /// Nothing: it begins.
    #[default]
    Nothing,
    /// The moment to look whether the next request may start.
    Moment,
    /// A provider's token.
    Token,
    /// What those say who share the lane.
    Grant,
    /// The head of a response.
    Response,
    /// Its body.
    Body,
}

/// How it goes on.
pub(crate) enum Next {
    /// When it is told something.
    Wait,
    /// At once, to its next turn.
    Turn,
    /// No more: the batch is finished.
    Finish,
}

impl Driver {
    /// Goes on with what it is told; gives how the poll ended, if it has.
    pub(crate) fn go_on(&mut self, run: &Rc<Run>, word: Word) -> Option<Result<JsValue, Stop>> {
        let mut next = run.call.check().and_then(|()| self.take(run, word));
        loop {
            next = match next {
                Ok(Next::Finish) => return Some(Ok(std::mem::take(&mut self.reply))),
                Err(stop) => return Some(Err(stop)),
                Ok(Next::Turn) => run.call.check().and_then(|()| self.turn(run)),
                // A function of the caller's may have stopped it meanwhile.
                Ok(Next::Wait) => match run.call.check() {
                    Ok(()) => return None,
                    Err(stop) => Err(stop),
                },
            }
        }
    }

    fn take(&mut self, run: &Rc<Run>, word: Word) -> Result<Next, Stop> {
        if let Word::Over = word {
            self.timer = None;
        }
        match (self.awaits, word) {
            (Awaits::Nothing, _) => Ok(self.plan(run)),
            (Awaits::Moment, Word::Settled(..)) => Ok(Next::Wait),
            (Awaits::Moment, _) if run.call.was_nudged() => self.happened(run, Event::Nudged, clock::now()),
            (Awaits::Moment, _) => self.turn(run),
            (_, Word::Settled(wait, _)) if wait != self.wait => Ok(Next::Wait),
            (_, Word::Settled(_, result)) => self.came(run, Some(result)),
            _ => {
                let now = clock::now();
                if now >= self.until { self.came(run, None) } else { Ok(self.wait_until(run, self.until, now)) }
            }
        }
    }

    /// What was waited for came to `result`, or to nothing in time.
    fn came(&mut self, run: &Rc<Run>, result: Option<Result<JsValue, JsValue>>) -> Result<Next, Stop> {
        match std::mem::take(&mut self.awaits) {
            Awaits::Nothing | Awaits::Moment => Ok(Next::Turn),
            Awaits::Token => self.provided(run, result),
            Awaits::Grant => self.granted(run, result),
            Awaits::Response => self.answered(run, result),
            Awaits::Body => {
                let answer = self.attempt.take().map(|attempt| attempt.conclude(run, &self.token(), result));
                answer.map_or(Ok(Next::Turn), |answer| self.take_in(run, answer))
            }
        }
    }

    /// Sleeps until `until`, unless stopped, nudged or told to look again.
    pub(super) fn sleep(&mut self, run: &Rc<Run>, until: f64, now: f64) -> Result<Next, Stop> {
        if run.call.was_nudged() {
            return self.happened(run, Event::Nudged, now);
        }
        run.session.attend();
        self.awaits = Awaits::Moment;
        Ok(self.wait_until(run, until, now))
    }

    /// Waits until `until` for `promise`, which is what it `awaits`.
    pub(super) fn wait_for(&mut self, run: &Rc<Run>, awaits: Awaits, promise: &Promise, until: f64) -> Next {
        let wait = self.next_wait();
        run.call.hear_of(promise, wait);
        self.awaits = awaits;
        self.wait_until(run, until, clock::now())
    }

    /// The number of the wait that begins.
    pub(super) fn next_wait(&mut self) -> u32 {
        self.wait = self.wait.wrapping_add(1);
        self.wait
    }

    pub(super) fn wait_until(&mut self, run: &Rc<Run>, until: f64, now: f64) -> Next {
        self.until = until;
        if self.timer.as_ref().is_none_or(|(set_for, _)| *set_for != until) {
            // The old one first: there are two at no time.
            self.timer = None;
            self.timer = Some((until, run.call.timer(until - now, matches!(self.awaits, Awaits::Moment))));
        }
        Next::Wait
    }

    /// Something happened to the poll: does what it wants now.
    pub(super) fn happened(&mut self, run: &Run, event: Event, now: f64) -> Result<Next, Stop> {
        let effect = run.step(event, now);
        self.obey(run, effect)
    }

    fn obey(&mut self, run: &Run, effect: Effect) -> Result<Next, Stop> {
        match effect {
            Effect::Poll { .. } => Ok(self.plan(run)),
            Effect::Finish => Ok(Next::Finish),
            Effect::Fail(mut failure) => {
                failure.endpoint = Some(run.endpoint);
                failure.snapshot = (failure.code == Code::PollTimeout).then(|| run.snapshot());
                Err(Stop::Failed(failure, self.cause.take()))
            }
        }
    }

    /// The poll wants another request.
    fn plan(&mut self, run: &Run) -> Next {
        (self.place, self.probe_at) = (None, None);
        if run.session.config.has_listener {
            let wait_ms = (run.wish().due_at - clock::now()).ceil();
            if wait_ms > 0.0 {
                run.emit("wait", None, &[("waitMs", wait_ms)], None);
            }
        }
        Next::Turn
    }

    /// Takes in what an attempt came to.
    pub(super) fn take_in(&mut self, run: &Run, answer: Result<Answer, Failed>) -> Result<Next, Stop> {
        let Some(mut place) = self.place.take() else { return Ok(Next::Turn) };
        let now = clock::now();
        let read = answer.and_then(|answer| read_reply(run, answer, &place.token));
        let (failure, complaint) = match read {
            Ok((reply, reading)) => {
                let claim = run.claim(NOBODY, now);
                // When a question was asked says nothing of when its batch was begun.
                let is_question = run.poll.borrow().plan().once;
                place.end(now, |lane| {
                    lane.spacing.accepted();
                    if !is_question {
                        lane.heard(&claim, reading.outcome == Outcome::Done, now);
                    }
                });
                let Counts { total, processed, failed, .. } = reading.counts;
                run.seen.set((total, processed + failed));
                (self.reply, self.cause, self.renew_token) = (reply, None, false);
                let effect = run.step(Event::Read(reading.outcome), now);
                self.tell(run, &effect, &reading, now)?;
                return self.obey(run, effect);
            }
            Err(failed) => failed,
        };
        let code = failure.code;
        if code == Code::Unauthenticated && run.session.config.has_provider && !self.renew_token {
            self.renew_token = true;
            drop(place);
            return self.happened(run, Event::TokenRefused, now);
        }
        (self.cause, self.renew_token) = (complaint, false);
        if code == Code::RateLimited {
            // Everyone on the lane stays away.
            let pause_ms = place.lane.with(|lane| lane.refused(failure.retry_after_ms, now)).ceil();
            if run.session.config.is_shared {
                pacing::pause(run, &place, pause_ms);
            }
            run.emit("pause", None, &[("pauseMs", pause_ms)], None);
        }
        drop(place);
        let effect = run.step(Event::Failed { failure, jitter: Math::random() }, now);
        if let Effect::Poll { due_at, .. } = effect {
            let attempts = run.poll.borrow().attempts();
            run.emit("retry", Some(attempts), &[("waitMs", (due_at - now).ceil())], Some(code));
        }
        self.obey(run, effect)
    }

    /// Tells the caller of a reply. Where nobody listens, no progress is made.
    fn tell(&mut self, run: &Run, effect: &Effect, reading: &Reading, now: f64) -> Result<(), Stop> {
        let Some(tell) = run.tell.take() else { return Ok(()) };
        let (mut next_poll_in_ms, mut queue_position) = (None, 0.0);
        if let (Effect::Poll { due_at, .. }, Some(lane)) = (effect, run.session.known_lane(run.endpoint)) {
            lane.with(|lane| {
                let expected = lane.expected(run.claim(NOBODY, *due_at), now);
                next_poll_in_ms = Some((expected.at - now).ceil());
                queue_position = expected.position.into();
            });
        }
        let poll = run.poll.borrow();
        let mut facts = Fields::default();
        facts.number("attempt", poll.attempts());
        facts.number("elapsedMs", poll.elapsed_ms(now));
        facts.maybe_number("nextPollInMs", next_poll_in_ms);
        facts.number("queuePosition", queue_position);
        facts.object("counts", reading.counts.fields());
        drop(poll);
        let news = self.news.get_or_insert_with(News::new);
        let told = tell.call1(&JsValue::UNDEFINED, &news.progress(&object(&facts), &self.reply, &reading.finals));
        run.tell.set(Some(tell));
        told.map(drop).map_err(Stop::Thrown)
    }

    /// Of the place in the lane; undefined where the options say it or a proxy adds it.
    pub(super) fn token(&self) -> JsValue {
        self.place.as_ref().map_or(JsValue::UNDEFINED, |place| place.token.clone())
    }
}

/// Reads the reply and makes it certain.
fn read_reply(run: &Run, answer: Answer, token: &JsValue) -> Result<(JsValue, Reading), Failed> {
    let reply = Parsed(answer.reply);
    let reading = read(&reply, run.unknown, &|| run.secret(token)).map_err(|mut failure| {
        failure.endpoint = Some(run.endpoint);
        failure.http_status = Some(answer.http_status);
        (failure, None)
    })?;
    Ok((made_certain(&reply.0, reading.outcome == Outcome::Done), reading))
}
