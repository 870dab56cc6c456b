//! One call on its way, a poll or a single question: what is known of it, and what others see of it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::asker::{Asked, Waiting};
use super::control::Control;
use super::error::Error;
use super::options::{Hints, Question};
use super::session::Session;
use crate::core::batch::{Batch, Endpoint};
use crate::core::events::{Event, Kind};
use crate::core::lane::Claim;
use crate::core::poll::{self, Effect, Poll, Saved, Wish};
use crate::core::response::OnUnknownStatus;
use crate::core::snapshot::Snapshot;
use crate::web::clock;
use crate::web::value::{json_text, object};

/// Clocks that come apart by less are being corrected.
const LEAST_SLEEP_S: u32 = 5;

/// One call on its way.
pub(crate) struct Call {
    session: Rc<Session>,
    control: Rc<Control>,
    pub(crate) batch: Batch,
    pub(crate) unknown: OnUnknownStatus,
    hints: Hints,
    poll: RefCell<Poll>,
    /// How many files the last reply showed, and how many of them final.
    pub(crate) seen: Cell<(u32, u32)>,
    /// How far the wall clock was ahead when it was last looked at.
    clock_ahead_s: Cell<u32>,
    /// The moment of the last look.
    looked_at: Cell<f64>,
    /// Until when the lane is closed by requests of the process that this poll comes from.
    pub(crate) closed_until: f64,
}

impl Call {
    /// Begins a call, or goes on with the poll that was saved.
    pub(crate) fn begin(session: &Rc<Session>, control: Rc<Control>, question: Question, saved: Option<Saved>) -> Self {
        let Question { batch, plan, unknown, hints, .. } = question;
        let now = clock::now();
        // A question goes by the monotonic clock alone.
        let wall_now = if plan.once { now } else { clock::wall_now() };
        let closed_until = saved.as_ref().map_or(0.0, |saved| now + saved.closed_for_ms(wall_now));
        let (poll, _) = match saved {
            Some(saved) => Poll::restore(saved, now, wall_now),
            None => Poll::new(plan, now),
        };
        if closed_until > now && session.config.token.provider().is_none() {
            // At once, as others of this process may go before this poll does.
            let lane = session.lane(batch.endpoint, None);
            lane.with(|lane| lane.spacing.stay_closed(closed_until - now, now));
        }
        Self {
            session: session.clone(),
            control,
            batch,
            unknown,
            hints,
            poll: RefCell::new(poll),
            seen: Cell::default(),
            clock_ahead_s: Cell::new(clock::ahead_s(now, wall_now)),
            looked_at: Cell::new(now),
            closed_until,
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
    pub(crate) fn is_question(&self) -> bool {
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

    /// Notices that the machine slept, so that a deadline is not late by as much, and that the clock went back or is another.
    pub(crate) fn mind_clock(&self, now: f64) {
        let back_ms = self.looked_at.replace(now) - now;
        if back_ms > 0.0 {
            self.poll.borrow_mut().clock_moved(-back_ms);
            self.clock_ahead_s.set(clock::ahead_s(now, clock::wall_now()));
        }
        if self.is_question() {
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
            ..Claim::new(ticket, due_at, poll.waiting_since())
        }
    }

    /// Tells the observer.
    pub(crate) fn emit(&self, kind: Kind, attempt: Option<u32>) {
        let Batch { endpoint, batch_id, .. } = &self.batch;
        self.session().emit(&Event { kind, endpoint: *endpoint, batch_id, attempt });
    }

    /// The token of a request, to be kept out of what is passed on.
    pub(crate) fn secret<'a>(&'a self, token: Option<&'a str>) -> Option<&'a str> {
        token.or(self.session().config.token.text())
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
    fn asked(&self) -> Asked<'_> {
        (&self.batch, self.unknown)
    }

    fn wake(&self) {
        self.control.wake();
    }
}

/// What reaches a call that runs: a poll, or one with the linked extractions that it leads to.
#[derive(Clone)]
pub(crate) struct Running {
    control: Rc<Control>,
    /// The first is the one that was asked for. They are nobody's any more once they have ended.
    calls: Rc<RefCell<Vec<Rc<Call>>>>,
}

impl Running {
    pub(crate) fn new(control: Rc<Control>, first: Rc<Call>) -> Self {
        Self { control, calls: Rc::new(RefCell::new(vec![first])) }
    }

    /// One more belongs to it.
    pub(crate) fn add(&self, call: Rc<Call>) {
        self.calls.borrow_mut().push(call);
    }

    /// Asks for the next poll at the next permitted moment.
    pub(crate) fn nudge(&self) {
        let calls = self.calls.borrow().clone();
        for call in calls {
            call.control().nudge();
        }
    }

    /// Ends it with `error`, unless it has ended.
    pub(crate) fn stop(&self, error: Error) {
        self.control.stop(error);
    }

    /// The first as a text to go on from.
    pub(crate) fn snapshot(&self) -> String {
        self.calls.borrow().first().map(|call| call.snapshot()).unwrap_or_default()
    }
}
