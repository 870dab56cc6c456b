//! Whether the page is there: shown again after it was hidden, back on the network after it was off.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::abort::Listening;
use super::value::{get, method};

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
    _listening: [Option<Listening>; 2],
}

impl Presence {
    /// Calls `heard` when the page is shown or hidden, and when it is on the network again; `None` where there is no page.
    pub(crate) fn new(heard: impl Fn() + 'static) -> Option<Self> {
        online()?;
        let heard = Rc::new(heard);
        let global: JsValue = js_sys::global().into();
        let places = [(get(&global, "document"), "visibilitychange"), (global, "online")];
        let listening = places.map(|(target, event)| {
            let heard = heard.clone();
            method(&target, "addEventListener")?;
            Some(Listening::new(target, event, Closure::new(move || heard())))
        });
        Some(Self { _listening: listening })
    }
}
