//! What came of a run.

use extracta_wasm::core::error::Code;
use extracta_wasm::core::lane::Lane;

/// A request, as it was sent and as the server saw it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Request {
    /// Whose it was.
    pub waiter: usize,
    /// On which lane.
    pub lane: usize,
    /// When it started, by the monotonic clock of all processes laid end to end.
    pub started_at: f64,
    /// The same in true time, which goes on while clocks stop.
    pub truly_started_at: f64,
    /// When it arrived at the server, in true time; `None` where it was given up before.
    pub arrived_at: Option<f64>,
    /// When its headers came back, by the monotonic clock.
    pub answered_at: Option<f64>,
    /// How long its answer closed the lane.
    pub pause_ms: f64,
}

/// How a poll ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It did not.
    Open,
    /// The batch was seen finished.
    Finished,
    /// With this failure.
    Failed(Code),
    /// Its waiter left.
    Left,
}

/// What became of one waiter.
#[derive(Clone, Debug)]
pub struct Life {
    /// How it ended.
    pub end: End,
    /// When, by the monotonic clock.
    pub ended_at: f64,
    /// How often it woke to ask for its turn.
    pub asks: u32,
    /// How many requests it sent.
    pub polls: u32,
}

/// All of it.
#[derive(Debug)]
pub struct Trace {
    /// In the order of their start.
    pub requests: Vec<Request>,
    /// One for each script.
    pub lives: Vec<Life>,
    /// The lanes as they were left.
    pub lanes: Vec<Lane>,
}

impl Trace {
    /// Requests of one lane.
    pub fn of_lane(&self, lane: usize) -> Vec<Request> {
        self.requests.iter().filter(|request| request.lane == lane).copied().collect()
    }

    /// Pairs of requests to one endpoint that the server saw less than `floor_ms` apart, or that started so.
    pub fn floor_violations(&self, floor_ms: f64) -> Vec<(Request, Request)> {
        let mut violations = Vec::new();
        for lane in 0..self.lanes.len() {
            let requests = self.of_lane(lane);
            let pairs = requests.iter().zip(requests.iter().skip(1));
            violations.extend(
                pairs
                    .filter(|(one, next)| next.truly_started_at - one.truly_started_at < floor_ms)
                    .map(|(one, next)| (*one, *next)),
            );
            // The next to arrive may not be the next that started: one given up never arrives.
            let mut arrived: Vec<_> = requests.into_iter().filter(|request| request.arrived_at.is_some()).collect();
            arrived.sort_by(|one, other| {
                one.arrived_at.unwrap_or_default().total_cmp(&other.arrived_at.unwrap_or_default())
            });
            for (one, next) in arrived.iter().zip(arrived.iter().skip(1)) {
                if next.arrived_at.unwrap_or_default() - one.arrived_at.unwrap_or_default() < floor_ms {
                    violations.push((*one, *next));
                }
            }
        }
        violations
    }
}
