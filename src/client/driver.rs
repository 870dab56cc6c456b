//! Takes a call to its end: wait until due, acquire the lane, send, read, decide.

use std::rc::Rc;
use std::task;

use js_sys::Math;
use wasm_bindgen::JsValue;

use super::attempt::{AttemptOutcome, attempt};
use super::call::{Call, NOBODY};
use super::control::Controlled;
use super::error::Error;
use super::options::CallArguments;
use super::place::Place;
use super::progress::{Listener, News, Update};
use super::session::Session;
use super::turn::{Waited, wait_for_turn};
use super::waiter::{Answer, Failed};
use crate::core::error::{Code, Failure};
use crate::core::events::Kind;
use crate::core::poll::{Effect, Event, Saved};
use crate::core::response::Counts;
use crate::core::timeout::timeout_sentence;
use crate::web::clock;
use crate::web::visibility::is_offline;

/// Starts a call on one batch, or goes on with the poll that was saved: the call, and what it comes to.
pub(super) fn start_alone(
    session: &Rc<Session>,
    arguments: CallArguments,
    saved: Option<Saved>,
    listener: Option<Listener>,
) -> (Rc<Call>, Controlled) {
    let entry = session.enter();
    let control = entry.control.clone();
    let call = Rc::new(Call::begin(session, control.clone(), arguments, saved));
    let (driven, settled) = (call.clone(), call.clone());
    let run = Box::pin(async move { drive(&driven, listener).await });
    let ending = move |result| {
        let result = settled.settled(result);
        // Only now, as the last call of a closed client takes the observer along.
        drop(entry);
        result
    };
    let result = control.run(run, call.wish().give_up_at, Box::new(ending));
    (call, result)
}

/// Takes a call to its end: the finished reply, or the one reply to a single request.
async fn drive(call: &Rc<Call>, listener: Option<Listener>) -> Result<JsValue, Error> {
    let mut driver = Driver {
        call,
        listener,
        news: None,
        reply: JsValue::UNDEFINED,
        cause: None,
        renew_token: false,
        was_late: false,
    };
    call.control().check()?;
    driver.take_place()?;
    loop {
        call.control().check()?;
        let effect = match wait_for_turn(call, driver.renew_token).await {
            Waited::Lapsed => call.step(Event::Lapsed, clock::now()),
            Waited::Nudged => call.step(Event::Nudged, clock::now()),
            Waited::Refused(failed) => driver.failed(failed, None),
            Waited::HasTurn(mut place) => match unless_called_off(call, &mut place).await {
                Some(outcome) => driver.take_in(outcome, place)?,
                None => {
                    drop(place);
                    call.step(Event::CalledOff, clock::now())
                }
            },
            Waited::Answered(started_at, outcome) => {
                call.sent(started_at);
                match outcome {
                    Ok(answer) => driver.accept(answer)?,
                    Err(failed) => driver.failed(failed, None),
                }
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
    /// From the first report on.
    news: Option<News>,
    reply: JsValue,
    /// The platform's complaint about the last failure.
    cause: Option<JsValue>,
    /// A provider's token that is refused is renewed once, then the refusal counts.
    renew_token: bool,
    /// Whether its last slot was over before the request was sent.
    was_late: bool,
}

impl Driver<'_> {
    /// Reports the place in line, before the first request.
    fn take_place(&self) -> Result<(), Error> {
        let (call, now) = (self.call, clock::now());
        let due_at = call.wish().due_at;
        if call.session().config.functions().on_event.is_some() {
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
    fn take_in(&mut self, outcome: Result<AttemptOutcome, Failed>, mut place: Place) -> Result<Effect, Error> {
        let call = self.call;
        let answer = match outcome {
            Ok(AttemptOutcome::Answer(answer)) => answer,
            Ok(AttemptOutcome::NothingNew(retry_after_ms)) => {
                let now = clock::now();
                place.end(now, |_| {});
                drop(place);
                return Ok(call.step(Event::NothingNew { retry_after_ms }, now));
            }
            Err((failure, Some(thrown))) if failure.code == Code::Thrown => {
                place.end(clock::now(), |_| {});
                return Err(Error::thrown(thrown));
            }
            // Once: the next time the platform has what it loaded in this one.
            Ok(AttemptOutcome::TooLate(_)) if !self.was_late => {
                self.was_late = true;
                drop(place);
                return Ok(call.step(Event::CalledOff, clock::now()));
            }
            Ok(AttemptOutcome::TooLate(failed)) | Err(failed) => return Ok(self.failed(failed, Some(place))),
        };
        self.was_late = false;
        let now = clock::now();
        let (claim, is_done) = (call.claim(NOBODY, now), answer.1.outcome.is_done());
        place.end(now, |lane| {
            lane.spacing.accepted();
            let Counts { total, processed, failed, .. } = answer.1.counts;
            if claim.visitor > 0 {
                lane.replied_for_visitor(claim, [total as f32, (processed + failed) as f32], is_done, now);
            } else if !call.is_single_request() {
                // When a single request was made says nothing of when its batch was begun.
                lane.replied(&claim, is_done, now);
            }
        });
        let effect = self.accept(answer.clone());
        place.share(call, &Ok(answer));
        effect
    }

    /// Takes in a good answer, from its own request or another's, and says what to do.
    fn accept(&mut self, (reply, reading, state): Answer) -> Result<Effect, Error> {
        let (call, now) = (self.call, clock::now());
        call.state.replace(state);
        let Counts { total, processed, failed, .. } = reading.counts;
        call.seen.set((total, processed + failed));
        (self.reply, self.cause, self.renew_token) = (reply, None, false);
        let effect = call.step(Event::Read(reading.outcome), now);
        self.report(&effect, reading.counts, &reading.finals, now)?;
        Ok(effect)
    }

    /// Takes in what went wrong. `place` is that of the attempt, if there was one.
    fn failed(&mut self, (failure, complaint): Failed, mut place: Option<Place>) -> Effect {
        let (call, code, now) = (self.call, failure.code, clock::now());
        let has_provider = call.session().config.functions().token.is_some();
        if code == Code::Unauthenticated && has_provider && !self.renew_token {
            self.renew_token = true;
            drop(place);
            return call.step(Event::TokenRefused, now);
        }
        (self.cause, self.renew_token) = (complaint, false);
        if let Some(place) = place.as_mut().filter(|_| call.visitor > 0) {
            place.share(call, &Err((failure.clone(), self.cause.clone())));
        }
        let place = place.map(|mut place| {
            // A request that was given up may yet arrive; any other has.
            if code != Code::RequestTimeout {
                place.end(now, |_| {});
            }
            place
        });
        // A proxy that does the spacing says when this batch has its turn; others may have theirs before.
        let has_turn = failure.retry_after_ms.is_some() && place.as_ref().is_some_and(Place::was_paced);
        if let Some(place) = place.filter(|_| code == Code::RateLimited && !has_turn) {
            // Everyone on the lane stays away.
            let pause_ms = place.lane.with(|lane| lane.refused(failure.retry_after_ms, now)).ceil();
            if let Some(shared) = &place.shared {
                shared.pause(pause_ms);
            }
            call.emit(Kind::Pause(pause_ms), None);
        }
        let event = match code {
            Code::RateLimited if has_turn => Event::Refused(failure),
            _ => Event::Failed { failure, jitter: Math::random() },
        };
        let effect = call.step(event, now);
        if let Effect::Poll { due_at, .. } = effect {
            call.emit(Kind::Retry { code, wait_ms: (due_at - now).ceil() }, Some(call.attempts()));
        }
        effect
    }

    /// Reports a reply to the listener. Where nobody listens, no progress is made.
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

/// Sends the request; `None` where it is to end before its answer.
async fn unless_called_off(call: &Rc<Call>, place: &mut Place) -> Option<Result<AttemptOutcome, Failed>> {
    let is_called_off = place.called_off();
    if place.was_paced() {
        call.session().attend();
    }
    let mut attempt = Box::pin(attempt(call, place));
    std::future::poll_fn(|context: &mut task::Context<'_>| {
        if is_called_off(call) {
            return task::Poll::Ready(None);
        }
        attempt.as_mut().poll(context).map(Some)
    })
    .await
}
