//! Lanes shared beyond this realm, as `sharePacing` asks: with the tabs and workers of an origin, or whoever asks the same
//! place.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

use super::error::{Stop, invalid};
use super::options::{Options, kind_of};
use crate::job::Endpoint;

/// Gaps are never shorter beyond the realm: word needs time to get around.
const LEAST_GAP_MS: f64 = 200.0;

#[wasm_bindgen(module = "/src/js/pacing.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn sharing(given: &JsValue, on_event: Option<&Function>) -> Result<JsValue, JsValue>;

    fn ask(shared: &JsValue, method: &str, endpoint: &str, key: f64, milliseconds: f64) -> Promise;
}

// Not called from here: named so that the module is there for pacing.js to import.
#[wasm_bindgen(module = "/src/js/reservation.js")]
extern "C" {
    #[wasm_bindgen(js_name = reserve, reexport = "reserveSlot", skip_typescript)]
    fn _reserve();
}

/// Who decides about lanes that are shared beyond this realm.
pub(crate) struct Pacing(JsValue);

/// What it knows a lane by.
#[derive(Clone, Copy)]
pub(crate) struct Name {
    pub(crate) endpoint: Endpoint,
    /// Of the URL and the token.
    pub(crate) key: f64,
}

impl Pacing {
    /// `None` where each realm decides for itself.
    pub(crate) fn new(options: &Options, on_event: Option<&Function>) -> Result<Option<Self>, Stop> {
        let Some(given) = options.get("sharePacing")? else { return Ok(None) };
        let shared = sharing(&given, on_event).map_err(Stop::Thrown)?;
        if shared.is_null() {
            let allowed = "\"page\", \"origin\" or an object with the functions reserve and hold";
            return Err(invalid("sharePacing", allowed, &kind_of(&given)));
        }
        Ok((!shared.is_undefined()).then_some(Self(shared)))
    }

    /// Asks for the next slot: a promise of 0 or of the milliseconds to wait.
    pub(crate) fn reserve(&self, Name { endpoint, key }: Name, gap_ms: f64) -> Promise {
        ask(&self.0, "reserve", endpoint.path(), key, gap_ms)
    }

    /// Keeps the lane closed for everybody.
    pub(crate) fn hold(&self, Name { endpoint, key }: Name, closed_for_ms: f64) {
        // Never rejected.
        let _ = ask(&self.0, "hold", endpoint.path(), key, closed_for_ms);
    }
}

/// The gap that a lane keeps beyond the realm.
pub(crate) fn shared_gap_ms(gap_ms: f64) -> f64 {
    gap_ms.max(LEAST_GAP_MS)
}
