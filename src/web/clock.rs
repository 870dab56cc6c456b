//! The two clocks. Each is looked up on the global at each use, so that a test runner may exchange it.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = performance, js_name = now)]
    fn performance_now() -> Result<f64, JsValue>;
}

/// Milliseconds on the monotonic clock, which spacing and deadlines go by. It is one for all code of a realm.
pub(crate) fn now() -> f64 {
    performance_now().unwrap_or_else(|_| wall_now())
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

/// The moment that an HTTP date names, in milliseconds since 1970; NaN where it names none.
pub(crate) fn parse_date(date: &str) -> f64 {
    js_sys::Date::parse(date)
}
