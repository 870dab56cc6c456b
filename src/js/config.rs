//! What a client is made of: where it sends requests, with what, and how far apart.

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::arguments::Given;
use super::error::Stop;
use super::member::object;
use crate::fields::Fields;
use crate::job::Endpoint;

#[wasm_bindgen(module = "/src/js/options.js")]
extern "C" {
    #[wasm_bindgen(js_name = clientOptions)]
    fn client_options(
        options: &JsValue,
        extraction_path: &str,
        classification_path: &str,
        numbers: &mut [f64],
    ) -> Given;

    #[wasm_bindgen(method, getter, js_name = onEvent)]
    fn on_event(this: &Given) -> Function;
}

/// Options of a client, checked. Most stay in JavaScript, where they are used.
pub(crate) struct Config {
    pub(crate) given: Given,
    pub(crate) floor_ms: f64,
    /// Whether tokens come from a function, so that a 401 may be answered with a fresh one.
    pub(crate) has_provider: bool,
    /// Whether lanes are shared beyond this realm.
    pub(crate) is_shared: bool,
    /// Whether somebody is told of events.
    pub(crate) has_listener: bool,
}

impl Config {
    pub(crate) fn new(options: &JsValue) -> Result<Self, Stop> {
        let [extraction, classification] = [Endpoint::Extraction, Endpoint::Classification].map(Endpoint::path);
        let mut numbers = [f64::NAN; 4];
        let given = client_options(options, extraction, classification, &mut numbers);
        let [floor_ms, has_provider, has_listener, is_shared] = numbers;
        if floor_ms.is_nan() {
            return Err(Stop::Thrown(given.thrown()));
        }
        Ok(Self {
            given,
            floor_ms,
            has_provider: has_provider > 0.0,
            is_shared: is_shared > 0.0,
            has_listener: has_listener > 0.0,
        })
    }

    /// Tells `onEvent`. What it throws is its own affair: it only watches.
    pub(crate) fn emit<'a>(&self, event: impl FnOnce() -> Fields<'a>) {
        if self.has_listener {
            let _ = self.given.on_event().call1(&JsValue::UNDEFINED, &object(&event()));
        }
    }
}
