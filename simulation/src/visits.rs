//! Many visitors of one account: what a proxy that holds their requests does with the lane, over virtual time.
//!
//! Each visit follows one batch, as a page does that is open: it asks, is held until its batch has changed or its time is over, and
//! asks again. Each that is held owns its timer and shares nothing but the lane.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use extracta_wasm::core::lane::{Claim, Lane, Turn};

/// The lane's floor.
pub const FLOOR_MS: f64 = 2_000.0;
/// To the server, and from there to the headers.
pub const THERE_MS: f64 = 40.0;
/// From there to the headers.
pub const BACK_MS: f64 = 60.0;
/// From the start of one request to the start of the next.
pub const SLOT_MS: f64 = FLOOR_MS + 1.0 + THERE_MS + BACK_MS;
/// For how long a request of a visitor is held.
pub const HOLD_MS: f64 = 20_000.0;
/// From an answer of the proxy to the visitor's next request there.
const AGAIN_MS: f64 = 50.0;
const REQUEST_TIMEOUT_MS: f64 = 10_000.0;

/// A batch.
#[derive(Clone, Copy, Debug)]
pub struct Batch {
    /// When it begins.
    pub begins_at: f64,
    /// How many files it has: they finish one after the other.
    pub files: f64,
    /// How long it takes. One that goes on for ever shows no files.
    pub lasts_ms: f64,
}

impl Batch {
    /// When it is finished.
    pub fn finished_at(&self) -> f64 {
        self.begins_at + self.lasts_ms
    }

    fn finished_files(&self, at: f64) -> f64 {
        let share = ((at - self.begins_at) / self.lasts_ms).clamp(0.0, 1.0);
        if share < 1.0 { (share * self.files).floor().min(self.files - 1.0) } else { self.files }
    }
}

/// How a visitor asks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Asks {
    /// Once for each change: held until there is one.
    OnChange,
    /// Every 2 seconds.
    OftenAs,
}

/// Somebody who follows a batch until it is finished.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    /// Who; fairness is between these.
    pub visitor: u64,
    /// Which of the batches.
    pub batch: usize,
    /// From when on.
    pub from: f64,
    /// When the visitor goes without a word; infinite where it stays.
    pub vanishes_at: f64,
    /// How it asks.
    pub asks: Asks,
}

/// What became of a visit.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// When it learned that its batch is finished.
    pub reported_at: Option<f64>,
    /// How many requests it made of the proxy.
    pub requests: u32,
    /// How long it waited for each answer that was there to be had: the number of slots that others had meanwhile.
    pub slots_waited: Vec<u32>,
}

/// What came of a run.
#[derive(Debug)]
pub struct Visited {
    /// When each request to the API started.
    pub starts: Vec<f64>,
    /// For how long before each of them the lane was open, somebody was there, and nobody had the slot.
    pub idle_ms: Vec<f64>,
    /// One for each visit.
    pub known: Vec<Known>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Away,
    Held { until: f64, requested_at: f64, ticket: u32, slots_before: u32 },
    Over,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Alarm {
    Looks { visit: usize, alarm: u32 },
    Vanishes(usize),
    Answered,
}

#[derive(Clone, Copy, Debug)]
struct UnderWay {
    batch: usize,
    visitor: u64,
    started_at: f64,
}

struct World<'a> {
    batches: &'a [Batch],
    visits: &'a [Visit],
    lane: Lane,
    states: Vec<State>,
    since: Vec<Option<f64>>,
    alarms_of: Vec<u32>,
    /// The last reply of each batch: when, and how many files were final.
    replies: Vec<Option<(f64, f64)>>,
    under_way: Option<UnderWay>,
    alarms: BinaryHeap<Reverse<(u64, u64, Alarm)>>,
    set: u64,
    tickets: u32,
    result: Visited,
}

/// Runs visits to their end, or to `end_ms`.
pub fn visited(batches: &[Batch], visits: &[Visit], end_ms: f64) -> Visited {
    let count = visits.len();
    let known = vec![Known::default(); count];
    let mut world = World {
        batches,
        visits,
        lane: Lane::default(),
        states: vec![State::Away; count],
        since: vec![None; count],
        alarms_of: vec![0; count],
        replies: vec![None; batches.len()],
        under_way: None,
        alarms: BinaryHeap::new(),
        set: 0,
        tickets: 0,
        result: Visited { starts: Vec::new(), idle_ms: Vec::new(), known },
    };
    world.lane.spacing.require_floor(FLOOR_MS);
    for (visit, one) in visits.iter().enumerate() {
        world.wake(visit, one.from);
        if one.vanishes_at.is_finite() {
            world.set(one.vanishes_at, Alarm::Vanishes(visit));
        }
    }
    while let Some(Reverse((moment, _, alarm))) = world.alarms.pop() {
        let at = f64::from_bits(moment);
        if at > end_ms {
            break;
        }
        match alarm {
            Alarm::Looks { visit, alarm } if world.alarms_of[visit] == alarm => world.looks(visit, at),
            Alarm::Looks { .. } => {}
            // Nothing is reported: a cancelled request of a Worker runs no further.
            Alarm::Vanishes(visit) => world.states[visit] = State::Over,
            Alarm::Answered => world.answered(at),
        }
    }
    world.result
}

impl World<'_> {
    fn set(&mut self, at: f64, alarm: Alarm) {
        self.set += 1;
        self.alarms.push(Reverse((at.max(0.0).to_bits(), self.set, alarm)));
    }

    fn wake(&mut self, visit: usize, at: f64) {
        self.alarms_of[visit] += 1;
        self.set(at.ceil(), Alarm::Looks { visit, alarm: self.alarms_of[visit] });
    }

    fn looks(&mut self, visit: usize, at: f64) {
        match self.states[visit] {
            State::Away => self.arrives(visit, at),
            State::Held { until, ticket, .. } if at >= until => {
                self.lane.queue.leave(ticket);
                self.states[visit] = State::Away;
                self.wake(visit, at + AGAIN_MS);
            }
            State::Held { .. } => self.asks(visit, at),
            State::Over => {}
        }
    }

    fn arrives(&mut self, visit: usize, at: f64) {
        let one = self.visits[visit];
        self.result.known[visit].requests += 1;
        if let Some((replied_at, finished)) = self.replies[one.batch]
            && at - replied_at < FLOOR_MS
            && (one.asks == Asks::OftenAs || self.since[visit] != Some(finished))
        {
            return self.report(visit, finished, at, at);
        }
        let slots_before = self.result.starts.len() as u32;
        self.states[visit] = State::Held { until: at + HOLD_MS, requested_at: at, ticket: self.ticket(), slots_before };
        // A client that knows nothing of holds gets the moment to come, where that is later.
        if one.asks == Asks::OftenAs {
            let ticket = self.ticket();
            let claim = self.claim(visit, ticket);
            let wait_ms = self.lane.expected(claim, at).at - at;
            if wait_ms > HOLD_MS {
                self.states[visit] = State::Away;
                return self.wake(visit, at + (wait_ms / 1_000.0).floor().max(1.0) * 1_000.0);
            }
        }
        self.asks(visit, at);
    }

    fn ticket(&mut self) -> u32 {
        self.tickets += 1;
        self.tickets
    }

    fn claim(&self, visit: usize, ticket: u32) -> Claim {
        let one = self.visits[visit];
        let priority = if self.since[visit].is_some() && one.asks == Asks::OnChange { 1.0 } else { 10.0 };
        Claim { visitor: one.visitor, batch: one.batch as u64 + 1, priority, ..Claim::new(ticket, 0.0, 0.0) }
    }

    fn asks(&mut self, visit: usize, at: f64) {
        let State::Held { until, ticket, .. } = self.states[visit] else { return };
        let claim = self.claim(visit, ticket);
        let opens_at = self.lane.spacing.opens_at(at);
        match self.lane.ask(claim, REQUEST_TIMEOUT_MS, at) {
            Turn::AskAgain { at: again_at, .. } => {
                self.wake(visit, again_at.min(until));
            }
            Turn::Go => {
                let requested_at = |state: &State| match state {
                    State::Held { requested_at, .. } => *requested_at,
                    State::Away | State::Over => f64::INFINITY,
                };
                let somebody_from = self.states.iter().map(requested_at).fold(f64::INFINITY, f64::min);
                self.result.idle_ms.push(at - opens_at.max(somebody_from));
                self.result.starts.push(at);
                self.under_way = Some(UnderWay {
                    batch: self.visits[visit].batch,
                    visitor: self.visits[visit].visitor,
                    started_at: at,
                });
                self.set(at + THERE_MS + BACK_MS, Alarm::Answered);
                self.wake(visit, until);
            }
        }
    }

    fn answered(&mut self, at: f64) {
        let Some(UnderWay { batch, visitor, started_at }) = self.under_way.take() else { return };
        let one = self.batches[batch];
        let finished = one.finished_files(started_at + THERE_MS);
        let is_done = finished >= one.files;
        self.lane.spacing.answered(started_at, at);
        let claim = Claim { visitor: 1, batch: batch as u64 + 1, ..Claim::new(u32::MAX, 0.0, 0.0) };
        let shown = if one.lasts_ms.is_finite() { [one.files as f32, finished as f32] } else { [0.0, 0.0] };
        self.lane.replied_for_visitor(claim, shown, is_done, at);
        self.lane.spacing.accepted();
        self.lane.spacing.ended(started_at, at);
        self.replies[batch] = Some((at, finished));
        let waits = |state: &State| matches!(state, State::Held { .. });
        let all: Vec<usize> = (0..self.visits.len())
            .filter(|visit| self.visits[*visit].batch == batch && waits(&self.states[*visit]))
            .collect();
        let charged: Vec<u64> = all
            .iter()
            .filter(
                |visit| matches!(self.states[**visit], State::Held { requested_at, .. } if requested_at <= started_at),
            )
            .map(|visit| self.visits[*visit].visitor)
            .collect();
        self.lane.charge(&charged, visitor, started_at, at);
        for visit in all {
            let State::Held { until, ticket, slots_before, requested_at } = self.states[visit] else { continue };
            self.lane.queue.leave(ticket);
            self.result.known[visit]
                .slots_waited
                .push((self.result.starts.len() as u32).saturating_sub(1 + slots_before));
            if self.visits[visit].asks == Asks::OftenAs || self.since[visit] != Some(finished) {
                self.report(visit, finished, at, requested_at);
            } else {
                let slots_before = self.result.starts.len() as u32;
                self.states[visit] = State::Held { until, requested_at: at, ticket: self.ticket(), slots_before };
                self.asks(visit, at);
            }
        }
    }

    fn report(&mut self, visit: usize, finished: f64, at: f64, requested_at: f64) {
        let one = self.visits[visit];
        self.since[visit] = Some(finished);
        if finished >= self.batches[one.batch].files {
            self.states[visit] = State::Over;
            self.result.known[visit].reported_at = Some(at);
            return;
        }
        self.states[visit] = State::Away;
        let again_at = if one.asks == Asks::OftenAs { (requested_at + FLOOR_MS).max(at) } else { at };
        self.wake(visit, again_at + AGAIN_MS);
    }
}

/// Knows when each batch finishes, and asks for finished ones only, the first to finish first: when each is known.
pub fn clairvoyant(batches: &[Batch]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..batches.len()).collect();
    order.sort_by(|one, other| batches[*one].finished_at().total_cmp(&batches[*other].finished_at()));
    let (mut known, mut opens_at) = (vec![0.0; batches.len()], 0.0_f64);
    for batch in order {
        let starts_at = opens_at.max(batches[batch].finished_at() - THERE_MS);
        known[batch] = starts_at + THERE_MS + BACK_MS;
        opens_at = starts_at + SLOT_MS;
    }
    known
}
