//! What happens to the polls: the server's answers and the runtime's whims, all decided beforehand.

use extracta_wasm::core::poll::Plan;

/// What the server answers to one request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer {
    /// How far the batch is.
    State,
    /// The batch's state, in a status this version does not know.
    UnknownStatus,
    /// A page in place of JSON.
    NotJson,
    /// 429, with or without a readable `Retry-After`.
    Refused(Option<f64>),
    /// 503, with or without a `Retry-After`.
    Trouble(Option<f64>),
    /// The connection breaks where the headers should come.
    Broken,
    /// Nothing, ever.
    Lost,
}

/// How a waiter ends before its poll does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Leaves {
    /// It does not.
    Never,
    /// Properly, giving back its place or its slot.
    Aborts(f64),
    /// Never to come again, as when a Worker's request has ended.
    Vanishes(f64),
}

/// One batch and its poll.
#[derive(Clone, Debug)]
pub struct Script {
    /// Which lane it uses.
    pub lane: usize,
    /// When its poll begins.
    pub begins_at: f64,
    /// What is asked of the poll.
    pub plan: Plan,
    /// The caller's hint; 0 where there is none.
    pub expected_files: f64,
    /// How many files it has.
    pub files: f64,
    /// Its weight.
    pub priority: f64,
    /// How long after the beginning of the poll the batch is finished.
    pub lasts_ms: f64,
    /// Whether replies show the files that are final already, and the poll makes use of it.
    pub shows_files: bool,
    /// From each start to the arrival at the server.
    pub there_ms: f64,
    /// From there to the headers.
    pub back_ms: f64,
    /// From the headers to the end of the body.
    pub body_ms: f64,
    /// The answers, over and over; none means always the state.
    pub answers: Vec<Answer>,
    /// Added to each of its timers.
    pub late_ms: f64,
    /// When it learns that the batch may be finished.
    pub nudges: Vec<f64>,
    /// How it ends before its time.
    pub leaves: Leaves,
}

impl Script {
    /// The answer to the nth request.
    pub fn answer(&self, nth: u32) -> Answer {
        let cycle = self.answers.len().max(1);
        self.answers.get(nth as usize % cycle).copied().unwrap_or(Answer::State)
    }

    /// How many files are final at a moment: they finish one after the other.
    pub fn finished_files(&self, at: f64) -> f64 {
        let share = ((at - self.begins_at) / self.lasts_ms).clamp(0.0, 1.0);
        if share < 1.0 { (share * self.files).floor().min(self.files - 1.0) } else { self.files }
    }
}

/// A time in which nothing of ours runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stall {
    /// From when on, by the monotonic clock.
    pub at: f64,
    /// For how long.
    pub lasts_ms: f64,
    /// Whether the monotonic clock stands still meanwhile, as some do while the machine sleeps.
    pub clock_stops: bool,
}

/// The process ends, and another takes up what it saved when its last request started or was answered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Restart {
    /// When.
    pub at: f64,
    /// For how long there is no process.
    pub down_ms: f64,
    /// By how much the wall clock was put back meanwhile.
    pub wall_back_ms: f64,
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub struct Scenario {
    /// The batches.
    pub scripts: Vec<Script>,
    /// How many lanes they share.
    pub lanes: usize,
    /// The lanes' floor.
    pub floor_ms: f64,
    /// When to look no further.
    pub end_ms: f64,
    /// Stalls of the only thread, in order.
    pub stalls: Vec<Stall>,
    /// Whether the process is replaced by another.
    pub restart: Option<Restart>,
    /// From when until when the server answers 503 to everyone.
    pub outage: Option<(f64, f64)>,
}
