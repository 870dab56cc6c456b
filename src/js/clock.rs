//! The two clocks, and sleeping by the first.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use wasm_bindgen::prelude::wasm_bindgen;

use super::flag::Flag;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = performance)]
    static PERFORMANCE: Option<web_sys::Performance>;
}

/// `setTimeout` takes a 32-bit delay; a longer one would fire at once.
const LONGEST_TIMEOUT_MS: f64 = 2_147_483_647.0;

/// Milliseconds on the monotonic clock, which spacing and deadlines go by. It is one for all code of a realm.
pub(crate) fn now() -> f64 {
    PERFORMANCE.with(|performance| performance.as_ref().map_or_else(js_sys::Date::now, web_sys::Performance::now))
}

/// Milliseconds since 1970, for dates that servers send.
pub(crate) fn wall_now() -> f64 {
    js_sys::Date::now()
}

/// Completes no earlier than `at`; never, if that is infinite. Dropping it clears its timer.
pub(crate) async fn sleep_until(at: f64) {
    loop {
        let left_ms = at - now();
        if left_ms <= 0.0 {
            return;
        }
        let fired = Rc::new(Flag::default());
        let timer = {
            let fired = fired.clone();
            Timeout::new(left_ms.ceil().min(LONGEST_TIMEOUT_MS) as u32, move || fired.raise())
        };
        fired.raised().await;
        drop(timer);
    }
}
