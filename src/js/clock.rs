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

/// How far the wall clock is ahead of the monotonic one, in whole seconds. It grows while the machine sleeps, where the
/// monotonic clock stands still then, as it does on some.
pub(crate) fn ahead_s(now: f64, wall_now: f64) -> u32 {
    ((wall_now - now) / 1_000.0) as u32
}

/// Milliseconds since 1970, for dates that servers send.
pub(crate) fn wall_now() -> f64 {
    js_sys::Date::now()
}
