//! Whether the page is there: shown again after it was hidden, back on the network after it was off.

use js_sys::Function;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/js/presence.js")]
extern "C" {
    #[wasm_bindgen(js_name = isPage)]
    fn is_page() -> bool;

    /// Whether the platform says, with certainty, that there is no network.
    #[wasm_bindgen(js_name = isOffline)]
    pub(crate) fn is_offline() -> bool;

    fn listen(heard: &JsValue) -> Function;
}

/// While the platform says it is offline nothing is sent, but for one attempt this often: it may be wrong.
pub(crate) const PROBE_MS: f64 = 30_000.0;

/// Listening, until dropped.
pub(crate) struct Presence {
    stop: Function,
    _heard: Closure<dyn Fn()>,
}

impl Presence {
    /// Calls `heard` when the page is shown or hidden, and when it is on the network again; `None` where there is no page.
    pub(crate) fn new(heard: impl Fn() + 'static) -> Option<Self> {
        is_page().then(|| {
            let heard = Closure::new(heard);
            Self { stop: listen(heard.as_ref()), _heard: heard }
        })
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        let _ = self.stop.call0(&JsValue::UNDEFINED);
    }
}
