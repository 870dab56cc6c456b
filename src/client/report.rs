//! What a lane is doing, and why. For people and support cases.

use super::lanes::SharedLane;
use super::session::Session;
use crate::core::batch::Endpoint;
use crate::core::fields::Fields;
use crate::core::lane::log::Decision;
use crate::core::lane::{Turn, Wait};
use crate::web::clock;

/// One lane: an endpoint for one token. Counts are those of this copy of the crate.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LaneReport {
    /// Which endpoint.
    pub endpoint: Endpoint,
    /// Polls and single calls that wait for a slot.
    pub waiting: usize,
    /// Whether a request is under way.
    pub in_flight: bool,
    /// Milliseconds until the lane opens; at least as long as this while a request is in flight.
    pub next_slot_in_ms: f64,
    /// The least time between two requests as it stands, in milliseconds: the client's minimum and what refusals taught.
    pub gap_ms: f64,
    /// For how many milliseconds more the server wants to be left alone.
    pub paused_for_ms: f64,
    /// Requests so far.
    pub requests: u32,
    /// Those answered with 429.
    pub refusals: u32,
    /// The least time from the start of one request to the next so far, in milliseconds.
    pub smallest_gap_ms: Option<f64>,
    /// The last 50, the oldest first.
    pub decisions: Vec<LaneDecision>,
}

/// One decision of a lane about a batch that wants a slot.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LaneDecision {
    /// Which batch.
    pub batch_id: String,
    /// How many milliseconds ago.
    pub ago_ms: f64,
    /// `None`: its request was sent. Else why it waits.
    pub waits: Option<Wait>,
    /// After how many milliseconds it was to ask again.
    pub asks_again_after_ms: Option<f64>,
}

impl LaneReport {
    pub(crate) fn new(endpoint: Endpoint, lane: &SharedLane) -> Self {
        let now = clock::now();
        lane.with(|lane| {
            let (spacing, log) = (&lane.spacing, &lane.log);
            Self {
                endpoint,
                waiting: lane.queue.len(),
                in_flight: spacing.is_busy(now),
                next_slot_in_ms: (spacing.opens_at(now) - now).max(0.0).ceil(),
                gap_ms: spacing.gap_ms(),
                paused_for_ms: spacing.paused_for_ms(now).ceil(),
                requests: log.requests,
                refusals: log.refusals,
                smallest_gap_ms: Some(log.smallest_gap_ms).filter(|ms| ms.is_finite()),
                decisions: log.decisions().iter().map(|decision| LaneDecision::new(decision, now)).collect(),
            }
        })
    }

    /// All but the decisions, as JavaScript sees it.
    pub(crate) fn fields(&self) -> Fields<'static> {
        let mut facts = Fields::default();
        facts.text("endpoint", self.endpoint.path());
        facts.number("waiting", self.waiting as f64);
        facts.flag("inFlight", self.in_flight);
        facts.number("nextSlotInMs", self.next_slot_in_ms);
        facts.number("gapMs", self.gap_ms);
        facts.number("pausedForMs", self.paused_for_ms);
        facts.number("requests", self.requests);
        facts.number("refusals", self.refusals);
        facts.maybe_number("smallestGapMs", self.smallest_gap_ms);
        facts
    }
}

/// The lanes that a client has used.
pub(crate) fn lane_reports(session: &Session) -> Vec<LaneReport> {
    let endpoints = [Endpoint::Extraction, Endpoint::Classification].into_iter();
    endpoints.filter_map(|endpoint| Some(LaneReport::new(endpoint, &session.known_lane(endpoint)?))).collect()
}

impl LaneDecision {
    fn new(decision: &Decision, now: f64) -> Self {
        let (waits, asks_again_after_ms) = match decision.turn {
            Turn::Go => (None, None),
            Turn::AskAgain { at, why } => (Some(why), Some((at - decision.at).ceil())),
        };
        let (batch_id, ago_ms) = (decision.batch_id.clone(), (now - decision.at).floor());
        Self { batch_id, ago_ms, waits, asks_again_after_ms }
    }

    /// As JavaScript sees it.
    pub(crate) fn fields(&self) -> Fields<'_> {
        let mut facts = Fields::default();
        facts.text("batchId", self.batch_id.as_str());
        facts.number("agoMs", self.ago_ms);
        match self.waits {
            None => facts.text("decision", "sent"),
            Some(why) => {
                facts.text("decision", "waits");
                facts.text("reason", why.as_str());
                facts.maybe_number("asksAgainAfterMs", self.asks_again_after_ms);
                if let Wait::Behind(others) = why {
                    facts.number("behind", others);
                }
            }
        }
        facts
    }
}
