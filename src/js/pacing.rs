//! Lanes shared beyond this realm, as `sharePacing` asks: with the tabs and workers of an origin, or whoever asks the same
//! place.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

use super::error::{Stop, invalid};
use super::options::{Options, kind_of};
use super::turn::Place;
use crate::job::Endpoint;

#[wasm_bindgen(module = "/src/js/pacing.js")]
extern "C" {
    fn sharing(given: &JsValue, on_event: Option<&Function>) -> JsValue;

    fn reserve(shared: &JsValue, endpoint: &str, key: f64, gap_ms: f64) -> Promise;

    fn hold(shared: &JsValue, endpoint: &str, key: f64, ms: f64, sent: Option<&Promise>, longest_ms: f64);
}

// Not called from here: named so that the modules are there for pacing.js to import.
#[wasm_bindgen(module = "/src/js/origin.js")]
extern "C" {
    #[wasm_bindgen(js_name = origin, reexport = "originPacing", skip_typescript)]
    fn _origin();
}

#[wasm_bindgen(module = "/src/js/reservation.js")]
extern "C" {
    #[wasm_bindgen(js_name = reserve, reexport = "reserveSlot", skip_typescript)]
    fn _reserve();
}

/// Who decides about lanes that are shared beyond this realm.
pub(crate) struct Pacing(JsValue);

impl Pacing {
    /// `None` where each realm decides for itself.
    pub(crate) fn new(options: &Options, on_event: Option<&Function>) -> Result<Option<Self>, Stop> {
        let Some(given) = options.get("sharePacing")? else { return Ok(None) };
        let shared = sharing(&given, on_event);
        if shared.is_null() {
            let allowed = "\"page\", \"origin\" or an object with reserve and hold";
            return Err(invalid("sharePacing", allowed, &kind_of(&given)));
        }
        Ok((!shared.is_undefined()).then_some(Self(shared)))
    }

    /// Asks for the next slot of the lane: a promise of 0, if it is ours and there is time to use it, or of milliseconds to
    /// wait.
    pub(crate) fn reserve(&self, endpoint: Endpoint, place: &Place) -> Promise {
        reserve(&self.0, endpoint.path(), place.lane.key(), place.gap_ms())
    }

    /// Keeps the lane closed for everybody until the headers come that `sent` is a promise of, but no longer than that, and
    /// for a gap from then.
    pub(crate) fn hold_during(&self, endpoint: Endpoint, place: &Place, sent: &Promise, longest_ms: f64) {
        self.hold(endpoint, place, place.gap_ms(), Some(sent), longest_ms);
    }

    /// Keeps the lane closed for everybody.
    pub(crate) fn pause(&self, endpoint: Endpoint, place: &Place, pause_ms: f64) {
        self.hold(endpoint, place, pause_ms, None, 0.0);
    }

    fn hold(&self, endpoint: Endpoint, place: &Place, ms: f64, sent: Option<&Promise>, longest_ms: f64) {
        hold(&self.0, endpoint.path(), place.lane.key(), ms, sent, longest_ms);
    }
}
