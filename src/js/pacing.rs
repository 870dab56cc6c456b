//! Lanes shared beyond this realm: the object given as `sharePacing` decides for whoever asks it.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::arguments::Given;
use super::run::Run;
use super::turn::Place;

#[wasm_bindgen(module = "/src/js/pacing.js")]
extern "C" {
    #[wasm_bindgen(js_name = reserve)]
    fn reserve_slot(config: &Given, endpoint: &str, key: f64, gap_ms: f64) -> Promise;

    fn hold(config: &Given, endpoint: &str, key: f64, ms: f64, sent: Option<&Promise>, longest_ms: f64);
}

/// Asks for the next slot of the lane: a promise of 0, if it is ours and there is time to use it, or of milliseconds to wait.
pub(crate) fn reserve(run: &Run, place: &Place) -> Promise {
    reserve_slot(&run.session.config.given, run.endpoint.path(), place.lane.key(), place.gap_ms())
}

/// Keeps the lane closed for everybody until the headers come that `sent` is a promise of, but no longer than that, and for a
/// gap from then.
pub(crate) fn hold_during(run: &Run, place: &Place, sent: &Promise, longest_ms: f64) {
    held(run, place, place.gap_ms(), Some(sent), longest_ms);
}

/// Keeps the lane closed for everybody.
pub(crate) fn pause(run: &Run, place: &Place, pause_ms: f64) {
    held(run, place, pause_ms, None, 0.0);
}

fn held(run: &Run, place: &Place, ms: f64, sent: Option<&Promise>, longest_ms: f64) {
    hold(&run.session.config.given, run.endpoint.path(), place.lane.key(), ms, sent, longest_ms);
}
