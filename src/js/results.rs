//! Progress and reports as JavaScript sees them. Replies and files are not copied: they join the facts as the objects they are.

use js_sys::Array;
use wasm_bindgen::prelude::*;

use crate::client::LaneReport;
use crate::client::progress::Update;
use crate::web::value::{get, is_there, object, set, text};

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

/// Whether a file is finished and has a result.
#[wasm_bindgen(js_name = isProcessed, skip_typescript)]
pub fn is_processed(file: &JsValue) -> bool {
    text(file, "status").as_deref() == Some("processed") && is_there(&get(file, "result"))
}
