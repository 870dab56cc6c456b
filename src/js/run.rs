//! One poll on its way, or a single question: what is known of it, and what others see of it. `drive` takes it further.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Function, JSON, Promise};
use wasm_bindgen::prelude::*;

use super::arguments::{CallOptions, Hints, Ids};
use super::call::{self, Call, Word};
use super::clock;
use super::drive::Driver;
use super::error::Stop;
use super::member::{object, text};
use super::session::Session;
use crate::error::Code;
use crate::fields::Fields;
use crate::job::{Endpoint, Job};
use crate::lane::Claim;
use crate::poll::{Effect, Event, Poll, Saved, Wish};
use crate::reply::OnUnknownStatus;
use crate::snapshot::Snapshot;

/// Clocks that come apart by less are being corrected.
const LEAST_SLEEP_S: u32 = 5;

/// One poll on its way. A watch looks at it and ends it.
pub(crate) struct Run {
    pub(crate) session: Rc<Session>,
    pub(crate) call: Call,
    pub(crate) endpoint: Endpoint,
    /// The ids of the batch, which is also the body of a request.
    pub(crate) ids: Ids,
    pub(crate) batch_id: String,
    pub(crate) unknown: OnUnknownStatus,
    pub(crate) hints: Hints,
    /// Told of each reply; what it throws ends the poll.
    pub(crate) tell: Cell<Option<Function>>,
    pub(crate) poll: RefCell<Poll>,
    /// How many files the last reply showed, and how many of them final.
    pub(crate) seen: Cell<(u32, u32)>,
    /// How far the wall clock was ahead when it was last looked at.
    clock_ahead_s: Cell<u32>,
    /// Until when the lane is closed by requests of the process that this poll comes from.
    pub(crate) closed_until: f64,
    /// `None` while it is at work, and after the end. Who wants something of it then leaves word with the call.
    driver: Cell<Option<Box<Driver>>>,
}

impl Run {
    /// Begins a poll, or goes on with the one that was saved.
    pub(crate) fn begin(session: Rc<Session>, options: CallOptions, saved: Option<Saved>) -> (Rc<Self>, Promise) {
        let CallOptions { ids, endpoint, signal, plan, unknown, hints, tell, .. } = options;
        let now = clock::now();
        // A question goes by the monotonic clock alone.
        let wall_now = if plan.once { now } else { clock::wall_now() };
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
        session.begin();
        let run = Rc::new(Self {
            session,
            call: Call::new(),
            endpoint,
            batch_id: ids.batch_id(),
            ids,
            unknown,
            hints,
            tell: Cell::new(tell),
            poll: RefCell::new(poll),
            seen: Cell::default(),
            clock_ahead_s: Cell::new(clock::ahead_s(now, wall_now)),
            closed_until,
            driver: Cell::new(Some(Box::default())),
        });
        let promise = call::begin(&run, signal);
        (run, promise)
    }

    /// Goes on with what it is told, to the end or to what it waits for next.
    pub(crate) fn hear(self: &Rc<Self>, word: Word) {
        let Some(mut driver) = self.driver.take() else { return };
        match driver.go_on(self, word) {
            None => self.driver.set(Some(driver)),
            Some(result) => {
                drop(driver);
                // What a finished watch holds on to would else lead from the function to itself.
                self.tell.take();
                self.session.end();
                self.call.end(result);
            }
        }
    }

    /// Ends the poll with `stop`, unless it has ended.
    pub(crate) fn stop(self: &Rc<Self>, stop: Stop) {
        self.call.stop(stop);
        self.look();
    }

    /// Ends its present sleep, or the next one.
    pub(crate) fn nudge(self: &Rc<Self>) {
        self.call.nudge();
        self.look();
    }

    /// Has it look at the clock again.
    pub(crate) fn look(self: &Rc<Self>) {
        self.hear(Word::Look);
    }

    /// The limit of one attempt.
    pub(crate) fn request_timeout_ms(&self) -> f64 {
        self.poll.borrow().plan().request_timeout_ms
    }

    /// Notices that the machine slept, so that a deadline is not late by as much.
    pub(crate) fn notice_sleep(&self, now: f64) {
        if self.poll.borrow().plan().once {
            return; // It has no deadline.
        }
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

    /// Something happened: what to do.
    pub(crate) fn step(&self, event: Event, now: f64) -> Effect {
        self.poll.borrow_mut().step(event, now)
    }

    /// A request starts now: until when it may take, and its number.
    pub(crate) fn sent(&self, now: f64) -> (f64, u32) {
        let mut poll = self.poll.borrow_mut();
        (now + poll.sent(now), poll.attempts())
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
