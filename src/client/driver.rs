//! Takes a call to its end: wait until due, acquire the lane, send, read, decide.

use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task;

use js_sys::Math;
use wasm_bindgen::prelude::*;

use super::asker::Answer;
use super::attempt::{Failed, attempt};
use super::call::{Call, NOBODY};
use super::control::Controlled;
use super::error::{Error, platform_cause};
use super::options::Question;
use super::place::Place;
use super::progress::{Listener, News, Update};
use super::session::Session;
use super::token::{TokenProvider, check_token};
use crate::core::error::{Code, Failure};
use crate::core::events::Kind;
use crate::core::lane::Turn;
use crate::core::poll::{Effect, Event, Saved};
use crate::core::response::Counts;
use crate::core::timeout::timeout_sentence;
use crate::web::clock;
use crate::web::timer::{Timer, within};
use crate::web::visibility::{PROBE_MS, is_offline};

/// Starts a call on one batch, or goes on with the poll that was saved: the call, and what it comes to.
pub(super) fn start_alone(
    session: &Rc<Session>,
    question: Question,
    saved: Option<Saved>,
    listener: Option<Listener>,
) -> (Rc<Call>, Controlled) {
    let entry = session.enter();
    let control = entry.control.clone();
    let call = Rc::new(Call::begin(session, control.clone(), question, saved));
    let (driven, settled) = (call.clone(), call.clone());
    let run = Box::pin(async move {
        let _entry = entry;
        drive(&driven, listener).await
    });
    let result = control.run(run, call.wish().give_up_at, Box::new(move |result| settled.settled(result)));
    (call, result)
}

/// Takes a call to its end: the finished reply, or the one answer to a question.
async fn drive(call: &Rc<Call>, listener: Option<Listener>) -> Result<JsValue, Error> {
    let mut driver = Driver { call, listener, news: None, reply: JsValue::UNDEFINED, cause: None, renew_token: false };
    call.control().check()?;
    driver.take_place()?;
    loop {
        call.control().check()?;
        let effect = match wait_for_turn(call, driver.renew_token).await {
            Waited::Lapsed => call.step(Event::Lapsed, clock::now()),
            Waited::Nudged => call.step(Event::Nudged, clock::now()),
            Waited::Refused(failed) => driver.failed(failed, None),
            Waited::HasTurn(mut place) => {
                let answer = Box::pin(attempt(call, &mut place)).await;
                driver.take_in(answer, place)?
            }
            Waited::Answered(started_at, answer) => {
                call.sent(started_at);
                driver.hear(answer)?
            }
        };
        match effect {
            Effect::Poll { due_at, .. } => driver.announce_wait(due_at),
            Effect::Finish => return Ok(driver.reply),
            Effect::Fail(failure) => return Err(driver.end(failure)),
        }
    }
}

/// What a call remembers from one attempt to the next.
struct Driver<'a> {
    call: &'a Call,
    listener: Option<Listener>,
    /// From the first telling on.
    news: Option<News>,
    reply: JsValue,
    /// The platform's complaint about the last failure.
    cause: Option<JsValue>,
    /// A provider's token that is refused is renewed once, then the refusal counts.
    renew_token: bool,
}

impl Driver<'_> {
    /// Tells of the place in line, before the first request.
    fn take_place(&self) -> Result<(), Error> {
        let (call, now) = (self.call, clock::now());
        let due_at = call.wish().due_at;
        if call.session().config.on_event.is_some() {
            self.announce_wait(call.expected(due_at, now).map_or(due_at, |expected| expected.at));
        }
        match &self.listener {
            Some(listener) => listener(call.place_in_line(), call.control()),
            None => Ok(()),
        }
    }

    fn announce_wait(&self, until: f64) {
        let wait_ms = (until - clock::now()).ceil();
        if wait_ms > 0.0 {
            self.call.emit(Kind::Wait(wait_ms), None);
        }
    }

    /// Takes in what an attempt came to, and says what to do.
    fn take_in(&mut self, answer: Result<Answer, Failed>, mut place: Place) -> Result<Effect, Error> {
        let call = self.call;
        let answer = match answer {
            Ok(answer) => answer,
            Err((failure, Some(thrown))) if failure.code == Code::Thrown => {
                place.end(clock::now(), |_| {});
                return Err(Error::thrown(thrown));
            }
            Err(failed) => return Ok(self.failed(failed, Some(place))),
        };
        let now = clock::now();
        let claim = call.claim(NOBODY, now);
        place.end(now, |lane| {
            lane.spacing.accepted();
            // When a question was asked says nothing of when its batch was begun.
            if !call.is_question() {
                lane.heard(&claim, answer.1.outcome.is_done(), now);
            }
        });
        let effect = self.hear(answer.clone());
        place.share(call, &answer);
        effect
    }

    /// Takes in a good answer, from its own request or another's, and says what to do.
    fn hear(&mut self, (reply, reading): Answer) -> Result<Effect, Error> {
        let (call, now) = (self.call, clock::now());
        let Counts { total, processed, failed, .. } = reading.counts;
        call.seen.set((total, processed + failed));
        (self.reply, self.cause, self.renew_token) = (reply, None, false);
        let effect = call.step(Event::Read(reading.outcome), now);
        self.report(&effect, reading.counts, &reading.finals, now)?;
        Ok(effect)
    }

    /// Takes in what went wrong. `place` is that of the attempt, if there was one.
    fn failed(&mut self, (failure, complaint): Failed, place: Option<Place>) -> Effect {
        let (call, code, now) = (self.call, failure.code, clock::now());
        let has_provider = call.session().config.token.provider().is_some();
        if code == Code::Unauthenticated && has_provider && !self.renew_token {
            self.renew_token = true;
            drop(place);
            return call.step(Event::TokenRefused, now);
        }
        (self.cause, self.renew_token) = (complaint, false);
        let place = place.map(|mut place| {
            // A request that was given up may yet arrive; any other has.
            if code != Code::RequestTimeout {
                place.end(now, |_| {});
            }
            place
        });
        if let Some(place) = place.filter(|_| code == Code::RateLimited) {
            // Everyone on the lane stays away.
            let pause_ms = place.lane.with(|lane| lane.refused(failure.retry_after_ms, now)).ceil();
            if let Some(shared) = &place.shared {
                shared.pause(pause_ms);
            }
            call.emit(Kind::Pause(pause_ms), None);
        }
        let effect = call.step(Event::Failed { failure, jitter: Math::random() }, now);
        if let Effect::Poll { due_at, .. } = effect {
            call.emit(Kind::Retry { code, wait_ms: (due_at - now).ceil() }, Some(call.attempts()));
        }
        effect
    }

    /// Tells the listener of a reply. Where nobody listens, no progress is made.
    fn report(&mut self, effect: &Effect, counts: Counts, finals: &[u8], now: f64) -> Result<(), Error> {
        let Some(listener) = &self.listener else { return Ok(()) };
        let call = self.call;
        let (mut next_poll_in_ms, mut queue_position) = (None, 0);
        if let Effect::Poll { due_at, .. } = effect
            && let Some(expected) = call.expected(*due_at, now)
        {
            next_poll_in_ms = Some((expected.at - now).ceil());
            queue_position = expected.position;
        }
        let news = self.news.get_or_insert_default();
        let update = Update {
            is_first: false,
            attempt: call.attempts(),
            elapsed_ms: call.elapsed_ms(now),
            next_poll_in_ms,
            queue_position,
            counts: call.at_least_expected(counts),
            new_files: news.of(&self.reply, finals),
            results: self.reply.clone(),
        };
        listener(update, call.control())
    }

    /// The error that the call ends with.
    fn end(self, mut failure: Box<Failure>) -> Error {
        failure.endpoint = Some(self.call.endpoint());
        if failure.code == Code::PollTimeout {
            failure.snapshot = Some(self.call.snapshot());
            let observed = failure.observed.as_ref();
            let sentence = observed.map(|seen| timeout_sentence(seen, self.call.attempts(), is_offline()));
            failure.detail = sentence.map(Into::into);
        }
        Error::with_cause(failure, self.cause)
    }
}

/// What came of waiting for a turn.
enum Waited {
    /// The slot is taken: the request is to start now.
    HasTurn(Place),
    /// Another's request that started at this moment brought the answer.
    Answered(f64, Answer),
    /// Word came that the batch may be finished.
    Nudged,
    /// The moment to give up came.
    Lapsed,
    /// There is no token, or those who share the lane gave neither a slot nor a time to wait.
    Refused(Failed),
}

/// Waits until the next request is due and it is its turn on the lane.
async fn wait_for_turn(call: &Rc<Call>, renew_token: bool) -> Waited {
    let mut place: Option<Place> = None;
    let mut probe_at = None;
    loop {
        // Looked at anew on every waking: a timer may be late by a minute in a hidden tab, and the lane has gone on.
        let now = clock::now();
        call.mind_clock(now);
        if let Some((started_at, answer)) = place.as_ref().and_then(Place::take_answer) {
            return Waited::Answered(started_at, answer);
        }
        let wish = call.wish();
        let mut until = wish.due_at;
        let probe_at = *probe_at.get_or_insert(now.max(until) + PROBE_MS);
        if until <= now && now < probe_at && is_offline() {
            until = probe_at;
        }
        if now >= wish.give_up_at {
            return Waited::Lapsed;
        }
        if until <= now {
            if place.is_none() {
                let token = match call.session().config.token.provider() {
                    None => None,
                    Some(provider) => {
                        let answer_by = (now + call.request_timeout_ms()).min(wish.give_up_at);
                        match Box::pin(fresh_token(call, provider, renew_token, answer_by)).await {
                            Ok(token) => Some(token),
                            Err(failed) => return Waited::Refused(failed),
                        }
                    }
                };
                place = Some(Place::new(call, token, clock::now()));
            }
            match place.as_mut().map(|place| place.ask(call, wish, clock::now())) {
                None => {}
                Some(Turn::AskAgain { at, .. }) => until = at,
                Some(Turn::Go) => {
                    let Some(mut ours) = place.take() else { continue };
                    if ours.shared.is_none() {
                        return Waited::HasTurn(ours);
                    }
                    let answer_by = (now + call.request_timeout_ms()).min(wish.give_up_at);
                    match Box::pin(granted(call, &ours, answer_by)).await {
                        Ok(0.0) => return Waited::HasTurn(ours),
                        Ok(wait_ms) => {
                            ours.give_back(wait_ms);
                            place = Some(ours);
                            continue;
                        }
                        Err(failed) => return Waited::Refused(failed),
                    }
                }
            }
        }
        // The moment from which it is urgent may come before the turn does.
        if wish.urgent_from > now {
            until = until.min(wish.urgent_from);
        }
        if sleep(call, until.min(wish.give_up_at)).await {
            return Waited::Nudged;
        }
    }
}

/// Sleeps until `until`, or until there is reason to look again. Whether it was nudged.
async fn sleep(call: &Call, until: f64) -> bool {
    let control = call.control();
    let mut timer = pin!(Timer::new(until));
    let mut is_new = true;
    std::future::poll_fn(|context: &mut task::Context<'_>| {
        if control.was_nudged() {
            return task::Poll::Ready(true);
        }
        let timer = timer.as_mut().poll(context).map(|()| false);
        if timer.is_pending() && is_new {
            call.session().attend();
        }
        // Whatever woke it is a reason to look again.
        if std::mem::take(&mut is_new) { timer } else { task::Poll::Ready(false) }
    })
    .await
}

/// The token of the next request, or why there is none: what the provider threw, too.
async fn fresh_token(
    call: &Call,
    provider: &dyn TokenProvider,
    renew: bool,
    answer_by: f64,
) -> Result<Rc<str>, Failed> {
    let mut limit = Timer::new(answer_by);
    let failure = match within(&mut limit, provider.token(renew)).await {
        Some(Ok(token)) => match check_token(&token) {
            Ok(()) => return Ok(token.into()),
            Err(failure) => failure,
        },
        Some(Err(error)) => return Err(error.into_parts()),
        None => {
            let detail = Some("The token function took longer than requestTimeoutMs.".into());
            Failure { detail, ..Failure::new(Code::RequestTimeout) }.into()
        }
    };
    Err((Failure { endpoint: Some(call.endpoint()), ..*failure }.into(), None))
}

/// Asks those who share the lane for the slot: 0, or how long to wait for another.
async fn granted(call: &Call, place: &Place, answer_by: f64) -> Result<f64, Failed> {
    let Some(shared) = &place.shared else { return Ok(0.0) };
    let mut limit = Timer::new(answer_by);
    let asked: Pin<Box<dyn Future<Output = _>>> = Box::pin(shared.reserve(place.gap_ms()));
    let cause = match within(&mut limit, asked).await {
        Some(Ok(wait_ms)) => return Ok(wait_ms),
        Some(Err(error)) => {
            let (failure, value) = error.into_parts();
            let complaint = value.unwrap_or_else(|| js_sys::Error::new(&failure.message()).into());
            Some(platform_cause(&complaint, &call.secrets(place.token.as_deref())))
        }
        None => None,
    };
    let detail = Some("sharePacing gave neither a slot nor a time to wait. Check what it asks.".into());
    let failure = Failure { detail, endpoint: Some(call.endpoint()), ..Failure::new(Code::Network) };
    Err((failure.into(), cause))
}
