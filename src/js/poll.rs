//! Drives one poll: does what the state machine says and tells it what came of it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Function, JSON, Math};
use wasm_bindgen::prelude::*;

use super::arguments::{CallOptions, Hints};
use super::call::{Call, Woken};
use super::clock;
use super::error::{Stop, platform_cause};
use super::json::Parsed;
use super::member::{object, text};
use super::pacing;
use super::request::{Answer, Attempt};
use super::results::{News, made_certain};
use super::session::Session;
use super::turn::{Granted, Place, turn};
use crate::error::{Code, Failure};
use crate::fields::Fields;
use crate::job::{Endpoint, Job};
use crate::lane::Claim;
use crate::poll::{Effect, Event, Poll, Saved, Wish};
use crate::reply::{Counts, OnUnknownStatus, Outcome, Reading, read};
use crate::snapshot::Snapshot;

/// Clocks that come apart by less are being corrected.
const LEAST_SLEEP_S: u32 = 5;

/// The ticket of a claim that is not enlisted.
const NOBODY: u32 = u32::MAX;

/// One poll on its way. Its driver owns the future; a watch looks at it and ends it.
pub(crate) struct Run {
    pub(crate) session: Rc<Session>,
    pub(crate) call: Rc<Call>,
    pub(crate) endpoint: Endpoint,
    /// The ids of the batch, which is also the body of a request.
    pub(crate) ids: JsValue,
    pub(crate) batch_id: String,
    unknown: OnUnknownStatus,
    pub(crate) hints: Hints,
    /// Told of each reply; what it throws ends the poll.
    tell: Cell<Option<Function>>,
    poll: RefCell<Poll>,
    /// How many files the last reply showed, and how many of them final.
    seen: Cell<(u32, u32)>,
    /// How far the wall clock was ahead when it was last looked at.
    clock_ahead_s: Cell<u32>,
    /// Until when the lane is closed by requests of the process that this poll comes from.
    pub(crate) closed_until: f64,
}

/// What the driver remembers from one attempt to the next.
#[derive(Default)]
struct Memory {
    reply: JsValue,
    /// The platform's complaint about the last failure.
    cause: Option<JsValue>,
    /// A provider's token that is refused is renewed once, then the refusal counts.
    renew_token: bool,
    /// From the first telling on.
    news: Option<News>,
}

impl Run {
    /// A poll of `job`, or the one that was saved.
    pub(crate) fn new(session: Rc<Session>, options: CallOptions, saved: Option<Saved>) -> Rc<Self> {
        let CallOptions { ids, endpoint, signal, plan, unknown, hints, tell, .. } = options;
        let call = session.call(signal);
        let (now, wall_now) = (clock::now(), clock::wall_now());
        let closed_until = saved.as_ref().map_or(0.0, |saved| now + saved.closed_for_ms(wall_now));
        let (poll, _) = match saved {
            Some(saved) => Poll::restore(saved, now, wall_now),
            None => Poll::new(plan, now),
        };
        if closed_until > now && !session.config.has_provider {
            // At once, as others of this process may go before this poll does.
            let lane = session.lane(endpoint, &JsValue::UNDEFINED);
            lane.with(|lane| lane.spacing.stay_closed(closed_until - now, now));
        }
        let batch_id = text(&ids, "batchId").unwrap_or_default();
        let (poll, tell, seen) = (RefCell::new(poll), Cell::new(tell), Cell::default());
        let clock_ahead_s = Cell::new(clock::ahead_s(now, wall_now));
        Rc::new(Self {
            session,
            call,
            endpoint,
            ids,
            batch_id,
            unknown,
            hints,
            tell,
            poll,
            seen,
            clock_ahead_s,
            closed_until,
        })
    }

    /// The limit of one attempt.
    pub(crate) fn request_timeout_ms(&self) -> f64 {
        self.poll.borrow().plan().request_timeout_ms
    }

    /// Does what the poll wants, and so on to the end.
    pub(crate) async fn drive(&self) -> Result<JsValue, Stop> {
        let mut memory = Memory::default();
        loop {
            let wait_ms = (self.wish().due_at - clock::now()).ceil();
            if wait_ms > 0.0 {
                self.emit("wait", None, &[("waitMs", wait_ms)], None);
            }
            let effect = match turn(self, memory.renew_token).await? {
                Granted::Turn(place, unheard) => {
                    let (answer, place) = match unheard {
                        Some(stop) => (Err(stop), place),
                        // On the heap: one of a lane's polls is under way at a time, and thousands may wait.
                        None => Box::pin(self.attempt(place)).await,
                    };
                    self.take_in(answer, place, &mut memory)?
                }
                Granted::Lapsed => self.step(Event::Lapsed, clock::now()),
                Granted::Nudged => self.step(Event::Nudged, clock::now()),
            };
            match effect {
                Effect::Poll { .. } => {}
                Effect::Finish => return Ok(memory.reply),
                Effect::Fail(mut failure) => {
                    failure.endpoint = Some(self.endpoint);
                    failure.snapshot = (failure.code == Code::PollTimeout).then(|| self.snapshot());
                    return Err(Stop::Failed(failure, memory.cause));
                }
            }
        }
    }

    /// The poll settles: nobody is listened to, and nobody is told, any more. What a finished watch holds on to would else
    /// lead from the function to itself.
    pub(crate) fn end(&self) {
        self.session.end(&self.call);
        self.tell.take();
    }

    /// Sends one request in the slot that was taken for it.
    async fn attempt(&self, mut place: Place) -> (Result<Answer, Stop>, Place) {
        let started_at = place.start(self);
        let (until, number) = self.sent(started_at);
        let answer = Attempt { run: self, place: &place, number, started_at, until }.send().await;
        (answer, place)
    }

    /// What was said on behalf of those who share the lane: how long to wait.
    pub(crate) fn heard(&self, answer: Woken, place: &Place) -> Result<f64, Stop> {
        let cause = match answer {
            Woken::Settled(Ok(wait_ms)) => return Ok(wait_ms.as_f64().unwrap_or_default()),
            Woken::Settled(Err(error)) => Some(platform_cause(&error, self.secret(&place.token).as_deref())),
            _ => None,
        };
        let detail = Some("sharePacing gave neither a slot nor a time to wait. Check what it asks.");
        let failure = Failure { detail, endpoint: Some(self.endpoint), ..Failure::new(Code::Network) };
        Err(Stop::Failed(Box::new(failure), cause))
    }

    /// Notices that the machine slept, so that a deadline is not late by as much.
    pub(crate) fn notice_sleep(&self, now: f64) {
        let ahead_s = clock::ahead_s(now, clock::wall_now());
        let asleep_s = ahead_s.saturating_sub(self.clock_ahead_s.replace(ahead_s));
        if asleep_s > LEAST_SLEEP_S {
            let asleep_ms = f64::from(asleep_s) * 1_000.0;
            self.poll.borrow_mut().slept(asleep_ms, now);
            self.emit("wake", None, &[("asleepMs", asleep_ms)], None);
        }
    }

    /// When the poll wants its next request, and until when.
    pub(crate) fn wish(&self) -> Wish {
        self.poll.borrow().wish()
    }

    /// The wish for a slot on behalf of this batch, with all that is known of it.
    pub(crate) fn claim(&self, ticket: u32, due_at: f64) -> Claim {
        let (poll, (files, finished_files)) = (self.poll.borrow(), self.seen.get());
        Claim {
            begun_at: poll.begun_at(),
            expected_files: self.hints.expected_files.max(files as f32),
            finished_files: finished_files as f32,
            priority: self.hints.priority,
            ..Claim::new(ticket, due_at, poll.waiting_since())
        }
    }

    /// The poll as a text to go on from.
    pub(crate) fn snapshot(&self) -> String {
        let (now, wall_now) = (clock::now(), clock::wall_now());
        let lane = self.session.known_lane(self.endpoint);
        let opens_in_ms = lane.map_or(0.0, |lane| lane.with(|lane| lane.spacing.closed_for_ms(now)));
        let Hints { expected_files, priority } = self.hints;
        let snapshot = Snapshot {
            job: Job {
                endpoint: self.endpoint,
                template_id: text(&self.ids, self.endpoint.template_member()).unwrap_or_default(),
                batch_id: self.batch_id.clone(),
                file_id: text(&self.ids, "fileId"),
            },
            unknown: self.unknown,
            expected_files: expected_files.into(),
            priority: priority.into(),
            saved: self.poll.borrow().save(opens_in_ms, now, wall_now),
        };
        // Numbers and texts always make JSON.
        JSON::stringify(&object(&snapshot.fields())).map(String::from).unwrap_or_default()
    }

    fn step(&self, event: Event, now: f64) -> Effect {
        self.poll.borrow_mut().step(event, now)
    }

    /// A request starts now: until when it may take, and its number.
    fn sent(&self, now: f64) -> (f64, u32) {
        let mut poll = self.poll.borrow_mut();
        (now + poll.sent(now), poll.attempts())
    }

    /// What an attempt came to, and what to do next.
    fn take_in(&self, answer: Result<Answer, Stop>, mut place: Place, memory: &mut Memory) -> Result<Effect, Stop> {
        let now = clock::now();
        let read = answer.and_then(|answer| self.read(answer, &place.token));
        let (failure, complaint) = match read {
            Ok((reply, reading)) => {
                let claim = self.claim(NOBODY, now);
                // When a question was asked says nothing of when its batch was begun.
                let is_question = self.poll.borrow().plan().once;
                place.end(now, |lane| {
                    lane.spacing.accepted();
                    if !is_question {
                        lane.heard(&claim, reading.outcome == Outcome::Done, now);
                    }
                });
                let Counts { total, processed, failed, .. } = reading.counts;
                self.seen.set((total, processed + failed));
                (memory.reply, memory.cause, memory.renew_token) = (reply, None, false);
                let effect = self.step(Event::Read(reading.outcome), now);
                self.tell(&effect, &reading, memory, now)?;
                return Ok(effect);
            }
            Err(Stop::Failed(failure, complaint)) => (failure, complaint),
            Err(thrown) => return Err(thrown),
        };
        let code = failure.code;
        if code == Code::Unauthenticated && self.session.config.has_provider && !memory.renew_token {
            memory.renew_token = true;
            return Ok(self.step(Event::TokenRefused, now));
        }
        (memory.cause, memory.renew_token) = (complaint, false);
        if code == Code::RateLimited {
            // Everyone on the lane stays away.
            let pause_ms = place.lane.with(|lane| lane.refused(failure.retry_after_ms, now)).ceil();
            if self.session.config.is_shared {
                pacing::pause(self, &place, pause_ms);
            }
            self.emit("pause", None, &[("pauseMs", pause_ms)], None);
        }
        let effect = self.step(Event::Failed { failure, jitter: Math::random() }, now);
        if let Effect::Poll { due_at, .. } = effect {
            let attempts = self.poll.borrow().attempts();
            self.emit("retry", Some(attempts), &[("waitMs", (due_at - now).ceil())], Some(code));
        }
        Ok(effect)
    }

    /// Reads the reply and makes it certain.
    fn read(&self, answer: Answer, token: &JsValue) -> Result<(JsValue, Reading), Stop> {
        let reply = Parsed(answer.reply);
        let reading = read(&reply, self.unknown, &|| self.secret(token)).map_err(|mut failure| {
            failure.endpoint = Some(self.endpoint);
            failure.http_status = Some(answer.http_status);
            Stop::Failed(failure, None)
        })?;
        Ok((made_certain(&reply.0, reading.outcome == Outcome::Done), reading))
    }

    /// Tells the caller of a reply. Where nobody listens, no progress is made.
    fn tell(&self, effect: &Effect, reading: &Reading, memory: &mut Memory, now: f64) -> Result<(), Stop> {
        let Some(tell) = self.tell.take() else { return Ok(()) };
        let (mut next_poll_in_ms, mut queue_position) = (None, 0.0);
        if let (Effect::Poll { due_at, .. }, Some(lane)) = (effect, self.session.known_lane(self.endpoint)) {
            lane.with(|lane| {
                let expected = lane.expected(self.claim(NOBODY, *due_at), now);
                next_poll_in_ms = Some((expected.at - now).ceil());
                queue_position = expected.position.into();
            });
        }
        let poll = self.poll.borrow();
        let mut facts = Fields::default();
        facts.number("attempt", poll.attempts());
        facts.number("elapsedMs", poll.elapsed_ms(now));
        facts.maybe_number("nextPollInMs", next_poll_in_ms);
        facts.number("queuePosition", queue_position);
        facts.object("counts", reading.counts.fields());
        drop(poll);
        let progress =
            memory.news.get_or_insert_with(News::new).progress(&object(&facts), &memory.reply, &reading.finals);
        let told = tell.call1(&JsValue::UNDEFINED, &progress);
        self.tell.set(Some(tell));
        told.map(drop).map_err(Stop::Thrown)
    }

    /// Tells `onEvent`: plain data, no token, no header, no document content. Shaped as `ClientEvent` in `types.d.ts`.
    pub(crate) fn emit(
        &self,
        kind: &'static str,
        attempt: Option<u32>,
        numbers: &[(&'static str, f64)],
        code: Option<Code>,
    ) {
        self.session.config.emit(|| {
            let mut event = Fields::default();
            event.text("type", kind);
            event.text("endpoint", self.endpoint.path());
            event.text("batchId", self.batch_id.as_str());
            event.maybe_number("attempt", attempt.map(f64::from));
            for (name, number) in numbers {
                event.number(name, *number);
            }
            event.text("code", code.map(Code::as_str));
            event
        });
    }

    /// The token of a request, to be kept out of what is passed on.
    pub(crate) fn secret(&self, token: &JsValue) -> Option<String> {
        token.as_string().or_else(|| text(&self.session.config.given, "token"))
    }
}
