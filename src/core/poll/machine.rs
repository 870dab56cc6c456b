//! One batch polled until it is finished: a state machine that never reads a clock, never sleeps and never fetches.
//!
//! `step(event, now) -> effect`. Whoever drives it, a promise or a simulator, does what the effect says and reports what came
//! of it. *When* the batch wants to be polled is decided here; whether it may is the lane's business.

use crate::core::error::{Code, Failure};
use crate::core::observed::Observed;
use crate::core::response::Outcome;
use crate::core::retry::{NOT_JSON_RETRIES, backoff_ms};

/// A timer's shortest.
const LEAST_PAUSE_MS: f64 = 1.0;

/// Whose request was called off for another's lets that one go first.
const GIVES_WAY_MS: f64 = 50.0;

/// The last poll is sent so long before the deadline, or at half of a short time: its answer is to come before it.
const LAST_POLL_LEAD_MS: f64 = 2_000.0;

/// What was asked of the poll. Durations in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// Least time from the start of one poll to the next.
    pub interval_ms: f64,
    /// The lane's floor: how close to the deadline a poll must have come for no other to be owed.
    pub floor_ms: f64,
    /// Deadline of the whole poll, from its creation: it has settled by then. May be infinite.
    pub timeout_ms: f64,
    /// Wait before the first poll.
    pub initial_delay_ms: f64,
    /// Transient failures in a row survived.
    pub max_retries: u32,
    /// Limit of one attempt.
    pub request_timeout_ms: f64,
    /// Whether to ask once only: any answer ends it, and a failure is reported as it is.
    pub once: bool,
}

impl Plan {
    /// A single request. It has no deadline but its own limit: its turn on the lane comes when it comes.
    pub const fn once(floor_ms: f64, request_timeout_ms: f64) -> Self {
        Self {
            interval_ms: floor_ms,
            floor_ms,
            timeout_ms: f64::INFINITY,
            initial_delay_ms: 0.0,
            max_retries: 0,
            request_timeout_ms,
            once: true,
        }
    }

    /// How long before the deadline the last poll is sent.
    pub(super) const fn lead_ms(&self) -> f64 {
        LAST_POLL_LEAD_MS.min(self.timeout_ms / 2.0)
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A reply that is no error came.
    Read(Outcome),
    /// The attempt failed. `jitter` is a random number from 0 to 1.
    Failed {
        /// Why.
        failure: Box<Failure>,
        /// Spreads the retries of many pollers.
        jitter: f64,
    },
    /// A proxy has no turn for the batch yet, and says when to come back.
    Refused(Box<Failure>),
    /// A proxy held the request, and has nothing new to say.
    NothingNew {
        /// When to come back, where it is not at once.
        retry_after_ms: Option<f64>,
    },
    /// The request was called off before its answer.
    CalledOff,
    /// The token was refused, and a fresh one can be had.
    TokenRefused,
    /// The moment to give up came while waiting for a turn.
    Lapsed,
    /// Word came from elsewhere that the batch may be finished.
    Nudged,
}

/// What to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Ask the lane for a turn, wanted from `due_at` on. Should it not come by `give_up_at`, report [`Event::Lapsed`]; else
    /// say [`Poll::sent`], send the request and report what came of it.
    Poll {
        /// Not before.
        due_at: f64,
        /// From here on it goes before others on the lane.
        urgent_from: f64,
        /// Not after.
        give_up_at: f64,
    },
    /// The batch is finished.
    Finish,
    /// The poll ends with this failure.
    Fail(Box<Failure>),
}

/// When a poll wants its next request, as in [`Effect::Poll`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wish {
    /// Not before.
    pub due_at: f64,
    /// From here on it goes before others on the lane.
    pub urgent_from: f64,
    /// Not after.
    pub give_up_at: f64,
}

/// The state, plain data.
#[derive(Clone, Debug, PartialEq)]
pub struct Poll {
    pub(super) plan: Plan,
    pub(super) created_at: f64,
    pub(super) due_at: f64,
    pub(super) last_sent_at: Option<f64>,
    pub(super) last_answer_at: Option<f64>,
    pub(super) attempts: u32,
    pub(super) failures_in_a_row: u32,
    /// Of those, the last ones that were NOT_JSON.
    pub(super) not_json_in_a_row: u32,
    pub(super) observed: Observed,
    pub(super) nudged: bool,
    /// What a deadline that passes now is reported to come of.
    pub(super) latest_failure: Option<Box<Failure>>,
}

impl Poll {
    /// A poll that begins at `now`, and what to do first.
    pub fn new(plan: Plan, now: f64) -> (Self, Effect) {
        let mut poll = Self {
            plan,
            created_at: now,
            due_at: now,
            last_sent_at: None,
            last_answer_at: None,
            attempts: 0,
            failures_in_a_row: 0,
            not_json_in_a_row: 0,
            observed: Observed::default(),
            nudged: false,
            latest_failure: None,
        };
        let effect = poll.again_at(now + plan.initial_delay_ms, now);
        (poll, effect)
    }

    /// The turn came and the request starts. Returns the limit of this attempt.
    pub fn sent(&mut self, now: f64) -> f64 {
        self.attempts = self.attempts.saturating_add(1);
        self.last_sent_at = Some(now);
        self.nudged = false;
        self.plan.request_timeout_ms.min(self.deadline() - now)
    }

    /// Takes in what happened and says what to do.
    pub fn step(&mut self, event: Event, now: f64) -> Effect {
        match event {
            Event::Read(outcome) => {
                (self.failures_in_a_row, self.not_json_in_a_row) = (0, 0);
                self.last_answer_at = Some(now);
                self.latest_failure = None;
                if outcome == Outcome::Done || self.plan.once {
                    return Effect::Finish;
                }
                self.observed.count(outcome.as_str());
                self.again_at(self.last_sent_at.unwrap_or(now) + self.plan.interval_ms, now)
            }
            Event::Failed { failure, jitter } => self.failed(failure, jitter, self.plan.interval_ms, now),
            Event::Refused(failure) => self.failed(failure, 0.0, 0.0, now),
            Event::NothingNew { retry_after_ms } => {
                (self.failures_in_a_row, self.not_json_in_a_row) = (0, 0);
                self.last_answer_at = Some(now);
                self.latest_failure = None;
                let interval_over_at = self.last_sent_at.unwrap_or(now) + self.plan.interval_ms;
                self.unsent(interval_over_at.max(now + retry_after_ms.unwrap_or(0.0)), now)
            }
            Event::CalledOff => self.unsent(now + GIVES_WAY_MS, now),
            Event::TokenRefused => {
                self.due_at = now;
                self.poll()
            }
            Event::Lapsed => Effect::Fail(self.timed_out(now)),
            Event::Nudged => {
                // After a failure the server is in trouble, and a hint about the batch does not change that.
                if self.failures_in_a_row == 0 {
                    self.nudged = true;
                    self.due_at = self.due_at.min(now);
                }
                self.poll()
            }
        }
    }

    /// The machine slept, unnoticed by the clock that the poll goes by: that counts as lived. Spacing does not go by it, as
    /// the wall clock that shows it may merely have been set.
    pub fn slept(&mut self, ms: f64, now: f64) {
        // A deadline that passed meanwhile leaves time for a last poll.
        let latest = self.created_at.min(now + self.plan.lead_ms() - self.plan.timeout_ms);
        self.created_at = (self.created_at - ms).max(latest);
        self.last_sent_at = self.last_sent_at.map(|sent_at| sent_at - ms);
        if self.owes_a_last_poll() {
            self.due_at = self.due_at.min(self.last_poll_at());
        }
    }

    /// The clock that the poll goes by went back, or was exchanged for another: all its moments move along.
    pub fn clock_moved(&mut self, ms: f64) {
        for moment in [&mut self.created_at, &mut self.due_at]
            .into_iter()
            .chain(&mut self.last_sent_at)
            .chain(&mut self.last_answer_at)
        {
            *moment += ms;
        }
    }

    /// What was asked of it.
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Polls that reached the network.
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// When the poll began.
    pub const fn begun_at(&self) -> f64 {
        self.created_at
    }

    /// Time since the poll began, in whole milliseconds.
    pub fn elapsed_ms(&self, now: f64) -> f64 {
        (now - self.created_at).ceil()
    }

    /// The last reply for the batch, or its beginning. Not since it was last asked for: of polls that begin together, the
    /// first would have been polled before the others had a reply, and go again before them.
    pub fn waiting_since(&self) -> f64 {
        self.last_answer_at.unwrap_or(self.created_at)
    }

    pub(super) fn deadline(&self) -> f64 {
        self.created_at + self.plan.timeout_ms
    }

    /// When the last poll is sent at the latest, if one is owed.
    pub(super) fn last_poll_at(&self) -> f64 {
        self.deadline() - self.plan.lead_ms()
    }

    /// The last request was none.
    fn unsent(&mut self, due_at: f64, now: f64) -> Effect {
        self.attempts = self.attempts.saturating_sub(1);
        self.again_at(due_at, now)
    }

    /// `least_ms`: the shortest wait after a refusal.
    fn failed(&mut self, mut failure: Box<Failure>, jitter: f64, least_ms: f64, now: f64) -> Effect {
        self.observed.count(failure.code.as_str());
        self.last_answer_at = Some(now);
        failure.attempts = Some(self.attempts);
        failure.elapsed_ms = Some(self.elapsed_ms(now));
        if !failure.may_pass() || self.plan.once {
            return Effect::Fail(failure);
        }
        let requested_ms = failure.retry_after_ms.unwrap_or(0.0);
        if failure.code == Code::RateLimited {
            // Pacing, not failure: the lane pauses as long as it must.
            self.latest_failure = Some(failure);
            return self.again_at(now + requested_ms.max(least_ms), now);
        }
        if now >= self.deadline() {
            self.latest_failure = Some(failure);
            return Effect::Fail(self.timed_out(now));
        }
        if self.plan.max_retries == 0 {
            return Effect::Fail(failure);
        }
        self.failures_in_a_row = self.failures_in_a_row.saturating_add(1);
        self.not_json_in_a_row = if failure.code == Code::NotJson { self.not_json_in_a_row + 1 } else { 0 };
        if self.plan.max_retries == 0 {
            return Effect::Fail(failure);
        }
        if self.failures_in_a_row > self.plan.max_retries || self.not_json_in_a_row > NOT_JSON_RETRIES {
            return Effect::Fail(Box::new(Failure {
                endpoint: failure.endpoint,
                attempts: failure.attempts,
                elapsed_ms: failure.elapsed_ms,
                cause: Some(failure),
                ..Failure::new(Code::RetriesExhausted)
            }));
        }
        let wait_ms = backoff_ms(self.plan.interval_ms, self.failures_in_a_row, jitter);
        self.latest_failure = Some(failure);
        self.again_at(now + wait_ms.max(requested_ms), now)
    }

    /// Plans the next poll for `due_at`, pulled forward to the last moment for one when one is still owed there.
    fn again_at(&mut self, due_at: f64, now: f64) -> Effect {
        let deadline = self.deadline();
        if now >= deadline {
            return Effect::Fail(self.timed_out(now));
        }
        // Without an interval, too, whatever else waits for the thread gets its turn between two polls.
        let is_hasty = self.plan.interval_ms < LEAST_PAUSE_MS && self.last_sent_at.is_some();
        let due_at = if is_hasty { due_at.max(now + LEAST_PAUSE_MS) } else { due_at };
        self.due_at = if self.owes_a_last_poll() { due_at.min(self.last_poll_at().max(now)) } else { due_at };
        self.poll()
    }

    /// The last poll must not lie further back from the last moment for one than a floor.
    pub(super) fn owes_a_last_poll(&self) -> bool {
        self.last_sent_at.is_none_or(|sent_at| sent_at + self.plan.floor_ms <= self.last_poll_at())
    }

    /// When it wants its next poll, and until when.
    pub fn wish(&self) -> Wish {
        let urgent_from = if self.nudged { self.due_at } else { self.last_poll_at() };
        Wish { due_at: self.due_at, urgent_from, give_up_at: self.deadline() }
    }

    pub(super) fn poll(&self) -> Effect {
        let Wish { due_at, urgent_from, give_up_at } = self.wish();
        Effect::Poll { due_at, urgent_from, give_up_at }
    }

    fn timed_out(&mut self, now: f64) -> Box<Failure> {
        Box::new(Failure {
            cause: self.latest_failure.take(),
            attempts: Some(self.attempts),
            elapsed_ms: Some(self.elapsed_ms(now)),
            observed: Some(self.observed.clone()),
            ..Failure::new(Code::PollTimeout)
        })
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
