//! Whether the page is there: shown again after it was hidden, back on the network after it was off.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::EventTarget;

use super::listener::Listener;
use super::member::{get, global};

/// While the platform says it is offline nothing is sent, but for one attempt this often: it may be wrong.
pub(crate) const PROBE_MS: f64 = 30_000.0;

/// Whether the platform says, with certainty, that there is no network.
pub(crate) fn is_offline() -> bool {
    get(&global("navigator"), "onLine").as_bool() == Some(false)
}

/// Calls `heard` when the page is shown or hidden, and when it is on the network again. Only pages and their workers are
/// listened to: elsewhere there is neither.
pub(crate) fn listen(heard: &Rc<impl Fn() + 'static>) -> [Option<Listener>; 2] {
    if get(&global("navigator"), "onLine").as_bool().is_none() {
        return [None, None];
    }
    [(global("document"), "visibilitychange"), (js_sys::global().into(), "online")].map(|(target, event)| {
        let heard = heard.clone();
        let target = Some(target).filter(|target| get(target, "addEventListener").is_function())?;
        Listener::new(target.unchecked_into::<EventTarget>(), event, move || heard())
    })
}
