//! Listening to events of the platform.

use wasm_bindgen::prelude::*;
use web_sys::EventTarget;

/// One listener, taken off when dropped: a signal may outlive ten thousand calls.
pub(crate) struct Listener {
    target: EventTarget,
    event: &'static str,
    closure: Closure<dyn FnMut()>,
}

impl Listener {
    /// Calls `heard` on each `event` of `target`; `None` where it refuses listeners.
    pub(crate) fn new(target: EventTarget, event: &'static str, heard: impl FnMut() + 'static) -> Option<Self> {
        let closure = Closure::new(heard);
        target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref()).ok()?;
        Some(Self { target, event, closure })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.target.remove_event_listener_with_callback(self.event, self.closure.as_ref().unchecked_ref());
    }
}
