//! Lanes shared beyond this realm, as `sharePacing` asks: with the tabs and workers of an origin, or whoever asks the same
//! place.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

use super::error::{Stop, invalid};
use super::member::get;
use super::options::{Options, kind_of};
use super::turn::Place;

#[wasm_bindgen(module = "/src/js/pacing.js")]
extern "C" {
    fn origin(on_event: Option<&Function>) -> JsValue;

    fn ask(shared: &JsValue, is_hold: bool, endpoint: &str, key: f64, milliseconds: f64) -> Promise;
}

// Not called from here: named so that the module is there for pacing.js to import.
#[wasm_bindgen(module = "/src/js/reservation.js")]
extern "C" {
    #[wasm_bindgen(js_name = reserve, reexport = "reserveSlot", skip_typescript)]
    fn _reserve();
}

/// Beyond the realm no gap is shorter: word needs time to get around. pacing.js has the same.
pub(crate) const LEAST_GAP_MS: f64 = 200.0;

/// Who decides about lanes that are shared beyond this realm.
pub(crate) struct Pacing(JsValue);

impl Pacing {
    /// `None` where each realm decides for itself.
    pub(crate) fn new(options: &Options, on_event: Option<&Function>) -> Result<Option<Self>, Stop> {
        let Some(given) = options.get("sharePacing")? else { return Ok(None) };
        match given.as_string().as_deref() {
            Some("page") => return Ok(None),
            Some("origin") => return Ok(Some(Self(origin(on_event)))),
            _ => {}
        }
        if get(&given, "reserve").is_function() && get(&given, "hold").is_function() {
            return Ok(Some(Self(given)));
        }
        Err(invalid("sharePacing", "\"page\", \"origin\" or an object with reserve and hold", &kind_of(&given)))
    }

    /// Asks for the next slot of the lane: a promise of 0, if it is ours and there is time to use it, or of milliseconds to
    /// wait.
    pub(crate) fn reserve(&self, place: &Place) -> Promise {
        self.ask(false, place, place.gap_ms())
    }

    /// Keeps the lane closed for everybody.
    pub(crate) fn hold(&self, place: &Place, closed_for_ms: f64) {
        // Never rejected.
        let _ = self.ask(true, place, closed_for_ms);
    }

    fn ask(&self, is_hold: bool, place: &Place, milliseconds: f64) -> Promise {
        ask(&self.0, is_hold, place.endpoint.path(), place.lane.key, milliseconds)
    }
}
