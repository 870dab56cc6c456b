//! One call on its way, a poll or a single request: what is known of it, and what others see of it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Function};
use wasm_bindgen::JsValue;

use super::control::Control;
use super::error::Error;
use super::lanes::SharedLane;
use super::options::{CallArguments, Hints};
use super::progress::Update;
use super::session::Session;
use super::waiter::{RequestKey, Waiting};
use crate::core::batch::{Batch, Endpoint};
use crate::core::events::{Ending, Event, Kind};
use crate::core::lane::{Claim, Expected};
use crate::core::poll::{self, Effect, Poll, Saved, Wish};
use crate::core::response::{Counts, OnUnknownStatus};
use crate::core::snapshot::Snapshot;
use crate::web::clock;
use crate::web::value::{json_text, object, set};

/// The ticket of a claim that is not enlisted.
pub(crate) const NOBODY: u32 = u32::MAX;

/// Clocks that come apart by less are being corrected.
const LEAST_SLEEP_S: u32 = 5;

thread_local! {
    static LAST_NUMBER: Cell<u32> = const { Cell::new(0) };
}

/// A number for a call of this realm, an upload among them.
pub(super) fn next_number() -> u32 {
    let number = LAST_NUMBER.with(|last| last.get().wrapping_add(1));
    LAST_NUMBER.with(|last| last.set(number));
    number
}

/// One call on its way.
pub(crate) struct Call {
    /// Of this realm's calls.
    number: u32,
    session: Rc<Session>,
    control: Rc<Control>,
    pub(crate) batch: Batch,
    pub(crate) unknown: OnUnknownStatus,
    hints: Hints,
    /// On whose behalf it asks: a fingerprint, 0 for nobody's.
    pub(crate) visitor: u64,
    /// In place of the client's.
    pub(crate) fetch: Option<Function>,
    poll: RefCell<Poll>,
    /// How many files the last reply showed, and how many of them final.
    pub(crate) seen: Cell<(u32, u32)>,
    /// How far the wall clock was ahead when it was last looked at.
    clock_ahead_s: Cell<u32>,
    /// The moment of the last look.
    looked_at: Cell<f64>,
    /// Until when the lane is closed by requests of the process that this poll comes from.
    pub(crate) closed_until: f64,
    /// The batch's state, as a proxy that holds requests names it.
    pub(crate) state: RefCell<Option<Rc<str>>>,
    paced_on: RefCell<Option<PacedPoll>>,
}

/// A poll in the list of those that a proxy paces, until dropped.
struct PacedPoll {
    lane: SharedLane,
    number: u32,
}

impl Drop for PacedPoll {
    fn drop(&mut self) {
        self.lane.waiters().remove_poll(self.number);
    }
}

impl Call {
    /// Begins a call, or goes on with the poll that was saved.
    pub(crate) fn begin(
        session: &Rc<Session>,
        control: Rc<Control>,
        arguments: CallArguments,
        saved: Option<Saved>,
    ) -> Self {
        let CallArguments { batch, plan, unknown, hints, visitor, fetch, .. } = arguments;
        let now = clock::now();
        // A single request goes by the monotonic clock alone.
        let wall_now = if plan.once { now } else { clock::wall_now() };
        let closed_until = saved.as_ref().map_or(0.0, |saved| now + saved.closed_for_ms(wall_now));
        let (poll, _) = match saved {
            Some(saved) => Poll::restore(saved, now, wall_now),
            None => Poll::new(plan, now),
        };
        if closed_until > now && session.config.functions().token.is_none() {
            // At once, as others of this process may go before this poll does.
            let lane = session.lane(batch.endpoint, None);
            lane.with(|lane| lane.spacing.stay_closed(closed_until - now, now));
        }
        Self {
            number: next_number(),
            session: session.clone(),
            control,
            batch,
            unknown,
            hints,
            visitor,
            fetch,
            poll: RefCell::new(poll),
            seen: Cell::default(),
            clock_ahead_s: Cell::new(clock::ahead_s(now, wall_now)),
            looked_at: Cell::new(now),
            closed_until,
            state: RefCell::default(),
            paced_on: RefCell::default(),
        }
    }

    pub(crate) fn session(&self) -> &Rc<Session> {
        &self.session
    }

    pub(crate) fn control(&self) -> &Rc<Control> {
        &self.control
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        self.batch.endpoint
    }

    /// Whether it asks once only.
    pub(crate) fn is_single_request(&self) -> bool {
        self.poll.borrow().plan().once
    }

    /// The limit of one attempt.
    pub(crate) fn request_timeout_ms(&self) -> f64 {
        self.poll.borrow().plan().request_timeout_ms
    }

    /// Polls that reached the network.
    pub(crate) fn attempts(&self) -> u32 {
        self.poll.borrow().attempts()
    }

    /// Time since it began.
    pub(crate) fn elapsed_ms(&self, now: f64) -> f64 {
        self.poll.borrow().elapsed_ms(now)
    }

    /// When the poll wants its next request, and until when.
    pub(crate) fn wish(&self) -> Wish {
        self.poll.borrow().wish()
    }

    /// Something happened: what to do.
    pub(crate) fn step(&self, event: poll::Event, now: f64) -> Effect {
        self.poll.borrow_mut().step(event, now)
    }

    /// A request starts now: until when it may take, and its number.
    pub(crate) fn sent(&self, now: f64) -> (f64, u32) {
        let mut poll = self.poll.borrow_mut();
        (now + poll.sent(now), poll.attempts())
    }

    /// A proxy does the spacing of the lane that it waits on. A single request is soon over, and counts for nothing there.
    pub(crate) fn is_paced_on(&self, lane: &SharedLane) {
        if self.is_single_request() || self.paced_on.borrow().is_some() {
            return;
        }
        lane.waiters().add_poll(self.number, self.batch.fingerprint());
        self.paced_on.replace(Some(PacedPoll { lane: lane.clone(), number: self.number }));
    }

    /// Notices that the machine slept, so that a deadline is not late by as much, and that the clock went back or is another.
    pub(crate) fn mind_clock(&self, now: f64) {
        let back_ms = self.looked_at.replace(now) - now;
        if back_ms > 0.0 {
            self.poll.borrow_mut().clock_moved(-back_ms);
            self.clock_ahead_s.set(clock::ahead_s(now, clock::wall_now()));
        }
        if self.is_single_request() {
            return; // It has no deadline.
        }
        let ahead_s = clock::ahead_s(now, clock::wall_now());
        let asleep_s = ahead_s.saturating_sub(self.clock_ahead_s.replace(ahead_s));
        if asleep_s > LEAST_SLEEP_S {
            let asleep_ms = f64::from(asleep_s) * 1_000.0;
            self.poll.borrow_mut().slept(asleep_ms, now);
            self.emit(Kind::Wake(asleep_ms), None);
        }
    }

    /// The wish for a slot on behalf of this batch, with all that is known of it.
    pub(crate) fn claim(&self, ticket: u32, due_at: f64) -> Claim {
        let (poll, (files, finished_files)) = (self.poll.borrow(), self.seen.get());
        Claim {
            begun_at: poll.begun_at(),
            expected_files: self.hints.expected_files.max(files as f32),
            finished_files: finished_files as f32,
            priority: self.hints.priority,
            visitor: self.visitor,
            batch: if self.visitor > 0 { self.batch.fingerprint() } else { 0 },
            ..Claim::new(ticket, due_at, poll.waiting_since())
        }
    }

    /// Reports an event to the observer.
    pub(crate) fn emit(&self, kind: Kind, attempt: Option<u32>) {
        self.session().emit(&Event { kind, batch: &self.batch, poll_id: self.number, attempt, is_upload: false });
    }

    /// What the call has come to, with what is known of it. `None`: nobody wants it any more.
    pub(crate) fn settled(&self, result: Option<Result<JsValue, Error>>) -> Result<JsValue, Error> {
        let paced = self.paced_on.take();
        drop(paced);
        let result = result.map(|result| result.map_err(|error| self.complete(error)));
        let ending = Ending::of(result.as_ref().map(|result| result.as_ref().map_err(Error::code)));
        let (attempts, elapsed_ms) = (self.attempts(), self.elapsed_ms(clock::now()));
        self.emit(Kind::Settled { ending, attempts, elapsed_ms }, None);
        result.unwrap_or_else(|| Err(Error::closed()))
    }

    /// The error as that of this call.
    pub(crate) fn complete(&self, error: Error) -> Error {
        let url = self.session().config.url(self.endpoint());
        error.about(&self.batch, Some(url))
    }

    /// When the next request is expected that is due then, and how many batches go before. `None` while nobody knows the lane.
    pub(crate) fn expected(&self, due_at: f64, now: f64) -> Option<Expected> {
        let has_provider = self.session().config.functions().token.is_some();
        let known = self.session().known_lane(self.endpoint());
        let lane = known.or_else(|| (!has_provider).then(|| self.session().lane(self.endpoint(), None)))?;
        Some(lane.with(|lane| lane.expected(self.claim(NOBODY, due_at), now)))
    }

    /// What is known before the first reply: its place in line.
    pub(crate) fn place_in_line(&self) -> Update {
        let now = clock::now();
        let due_at = self.wish().due_at;
        let expected = self.expected(due_at, now);
        let results = object(&self.batch.ids());
        set(&results, "done", &false.into());
        set(&results, "files", &Array::new());
        Update {
            is_first: true,
            attempt: self.attempts(),
            elapsed_ms: self.elapsed_ms(now),
            next_poll_in_ms: Some((expected.as_ref().map_or(due_at, |expected| expected.at) - now).max(0.0).ceil()),
            queue_position: expected.map_or(0, |expected| expected.position),
            counts: self.at_least_expected(Counts::default()),
            new_files: Array::new(),
            results,
        }
    }

    /// As many files as are expected, until some are known.
    pub(crate) fn at_least_expected(&self, counts: Counts) -> Counts {
        let expected = self.hints.expected_files as u32;
        if counts.total == 0 { Counts { total: expected, pending: expected, ..counts } } else { counts }
    }

    /// Whether a request brings a key.
    pub(crate) fn has_key(&self, token: Option<&str>) -> bool {
        token.or(self.session().config.key()).is_some()
    }

    /// The keys of a request, divided by spaces, to be kept out of what is passed on.
    pub(crate) fn secrets(&self, token: Option<&str>) -> String {
        self.session().config.secrets(token)
    }

    /// The poll as a text to go on from.
    pub(crate) fn snapshot(&self) -> String {
        let (now, wall_now) = (clock::now(), clock::wall_now());
        let lane = self.session().known_lane(self.endpoint());
        let opens_in_ms = lane.map_or(0.0, |lane| lane.with(|lane| lane.spacing.closed_for_ms(now)));
        let Hints { expected_files, priority } = self.hints;
        let snapshot = Snapshot {
            batch: self.batch.clone(),
            unknown: self.unknown,
            expected_files: expected_files.into(),
            priority: priority.into(),
            saved: self.poll.borrow().save(opens_in_ms, now, wall_now),
        };
        json_text(&object(&snapshot.fields()))
    }
}

impl Waiting for Call {
    fn request_key(&self) -> RequestKey<'_> {
        (&self.batch, self.unknown)
    }

    fn visitor(&self) -> u64 {
        self.visitor
    }

    fn knows_state(&self) -> bool {
        self.state.borrow().is_some()
    }

    fn wake(&self) {
        self.control.wake();
    }
}
