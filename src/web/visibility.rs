//! Whether the page is there: shown again after it was hidden or left, back on the network after it was off.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::abort::Listening;
use super::value::{get, method, text};

/// While the platform says it is offline nothing is sent, except for one attempt this often: it may be wrong.
pub(crate) const PROBE_MS: f64 = 30_000.0;

/// Whether the platform says, with certainty, that there is no network. Only pages and their workers say anything.
pub(crate) fn is_offline() -> bool {
    online() == Some(false)
}

fn online() -> Option<bool> {
    get(&get(&js_sys::global(), "navigator"), "onLine").as_bool()
}

/// Listening, until dropped.
pub(crate) struct Presence {
    _listening: [Option<Listening>; 4],
}

impl Presence {
    /// Calls `callback` when the page is shown or hidden, left or come back to, and when it is on the network again; with whether it is
    /// left, where that is known. `None` where there is no page.
    pub(crate) fn new(callback: impl Fn(Option<bool>) + 'static) -> Option<Self> {
        online()?;
        let callback = Rc::new(callback);
        let global: JsValue = js_sys::global().into();
        let document = get(&global, "document");
        let places =
            [(&document, "visibilitychange"), (&global, "online"), (&global, "pagehide"), (&global, "pageshow")];
        let listening = places.map(|(target, event)| {
            let (callback, document) = (callback.clone(), document.clone());
            method(target, "addEventListener")?;
            let listener = move || {
                // Whatever shows it again, it is there.
                let is_shown = || text(&document, "visibilityState").as_deref() == Some("visible");
                callback(match event {
                    "pagehide" => Some(true),
                    "pageshow" => Some(false),
                    _ => is_shown().then_some(false),
                });
            };
            Some(Listening::new(target.clone(), event, Closure::new(listener)))
        });
        Some(Self { _listening: listening })
    }
}
