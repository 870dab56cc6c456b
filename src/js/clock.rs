//! The two clocks.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = performance)]
    static PERFORMANCE: Option<web_sys::Performance>;
}

/// Milliseconds on the monotonic clock, which spacing and deadlines go by. It is one for all code of a realm.
pub(crate) fn now() -> f64 {
    PERFORMANCE.with(|performance| performance.as_ref().map_or_else(js_sys::Date::now, web_sys::Performance::now))
}

/// Milliseconds since 1970, for dates that servers send.
pub(crate) fn wall_now() -> f64 {
    js_sys::Date::now()
}
