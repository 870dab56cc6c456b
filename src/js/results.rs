//! Progress and reports as JavaScript sees them. Replies and files are not copied: they join the facts as the objects they are.

use js_sys::Array;
use wasm_bindgen::prelude::*;

use crate::client::LaneReport;
use crate::client::progress::Update;
use crate::web::value::{object, set};

/// A `Progress`.
pub(super) fn update(update: &Update) -> JsValue {
    let progress = object(&update.facts());
    set(&progress, "newFiles", &update.new_files);
    set(&progress, "results", &update.results);
    progress
}

/// A `LaneReport`.
pub(super) fn lane_report(report: &LaneReport) -> JsValue {
    let facts = object(&report.fields());
    let decisions: Array = report.decisions.iter().map(|decision| object(&decision.fields())).collect();
    set(&facts, "decisions", &decisions);
    facts
}
