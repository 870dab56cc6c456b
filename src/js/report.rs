//! What a lane is doing, and why, for `client.lanes()`.

use js_sys::Array;
use wasm_bindgen::prelude::*;

use super::lanes::SharedLane;
use super::member::{object, set};
use crate::fields::Fields;
use crate::job::Endpoint;
use crate::lane::log::Decision;
use crate::lane::{Lane, Turn, Wait};

/// A `LaneReport`.
pub(crate) fn report(endpoint: Endpoint, lane: &SharedLane, now: f64) -> JsValue {
    lane.with(|lane| {
        let report = object(&facts(endpoint, lane, now));
        let decisions = Array::new();
        for decision in lane.log.decisions() {
            decisions.push(&object(&explained(decision, now)));
        }
        set(&report, "decisions", &decisions);
        report
    })
}

fn facts(endpoint: Endpoint, lane: &Lane, now: f64) -> Fields<'static> {
    let (spacing, log) = (&lane.spacing, &lane.log);
    let next_slot_in_ms = (spacing.opens_at(now) - now).max(0.0).ceil();
    let mut facts = Fields::default();
    facts.text("endpoint", endpoint.path());
    facts.number("waiting", lane.queue.len() as f64);
    facts.flag("inFlight", spacing.closed_by(now) == Some(Wait::InFlight));
    facts.number("nextSlotInMs", next_slot_in_ms);
    facts.number("gapMs", spacing.gap_ms());
    facts.number("pausedForMs", spacing.paused_for_ms(now).ceil());
    facts.number("requests", log.requests);
    facts.number("refusals", log.refusals);
    facts.maybe_number("smallestGapMs", Some(log.smallest_gap_ms).filter(|ms| ms.is_finite()));
    facts
}

fn explained(decision: &Decision, now: f64) -> Fields<'_> {
    let mut facts = Fields::default();
    facts.text("batchId", decision.batch_id.as_str());
    facts.number("agoMs", (now - decision.at).floor());
    match decision.turn {
        Turn::Go => facts.text("decision", "sent"),
        Turn::AskAgain { at, why } => {
            facts.text("decision", "waits");
            facts.text("reason", why.as_str());
            facts.number("asksAgainAfterMs", (at - decision.at).ceil());
            if let Wait::Behind(others) = why {
                facts.number("behind", others);
            }
        }
    }
    facts
}
