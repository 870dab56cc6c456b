//! One batch's poll, as the shell drives it: what it is doing, and what it would say on the lane.

use extracta_wasm::core::lane::Claim;
use extracta_wasm::core::poll::{Poll, Saved};

use crate::random::Random;
use crate::script::Script;
use crate::trace::{End, Life};

/// What a waiter is doing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum State {
    /// Its time has not come.
    Unborn,
    /// Sleeps until its poll is due, known to nobody.
    Sleeping,
    /// In the lane's queue.
    Queued,
    /// Its request is under way: for which place in the trace, until when, and whether the headers are there.
    Sent { request: usize, until: f64, answered: bool },
    /// Nothing more.
    Ended,
}

/// When a poll wants its next turn.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wish {
    pub(crate) due_at: f64,
    pub(crate) urgent_from: f64,
    pub(crate) give_up_at: f64,
}

pub(crate) struct Waiter {
    pub(crate) script: Script,
    pub(crate) state: State,
    pub(crate) poll: Option<Poll>,
    pub(crate) saved: Option<Saved>,
    pub(crate) wish: Wish,
    pub(crate) ticket: u32,
    /// Told of while it could not listen.
    pub(crate) nudged: bool,
    pub(crate) finished_files: f64,
    /// Tells its present timer from those it gave up.
    pub(crate) alarm: u64,
    /// Its own, so that no other waiter has a part in what becomes of it.
    pub(crate) jitter: Random,
    pub(crate) life: Life,
}

impl Waiter {
    pub(crate) fn new(script: Script, seed: u64) -> Self {
        Self {
            script,
            state: State::Unborn,
            poll: None,
            saved: None,
            wish: Wish::default(),
            ticket: 0,
            nudged: false,
            finished_files: 0.0,
            alarm: 0,
            jitter: Random::new(seed),
            life: Life { end: End::Open, ended_at: f64::INFINITY, asks: 0, polls: 0 },
        }
    }

    pub(crate) fn claim(&self, poll: &Poll) -> Claim {
        let script = &self.script;
        let seen_files = if self.finished_files > 0.0 { script.files } else { 0.0 };
        Claim {
            urgent_from: self.wish.urgent_from,
            begun_at: poll.begun_at(),
            expected_files: script.expected_files.max(seen_files) as f32,
            finished_files: self.finished_files as f32,
            priority: script.priority as f32,
            ..Claim::new(self.ticket, self.wish.due_at, poll.waiting_since())
        }
    }
}
