//! Signals and controllers, looked at by shape: a signal may come from another realm or a polyfill, and may throw.

use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal};

use super::value::{get, method};

#[wasm_bindgen]
extern "C" {
    /// What is used of a caller's `AbortSignal`.
    #[derive(Clone)]
    pub(crate) type Signal;

    #[wasm_bindgen(method, structural, catch, js_name = addEventListener)]
    fn add_event_listener(this: &Signal, event: &str, listener: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(method, structural, catch, js_name = removeEventListener)]
    fn remove_event_listener(this: &Signal, event: &str, listener: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(method, structural, getter, catch)]
    fn reason(this: &Signal) -> Result<JsValue, JsValue>;

    type Controller;

    // web-sys has it without `catch`: what a listener throws there would leave the wasm in the middle of a drop.
    #[wasm_bindgen(method, structural, catch)]
    fn abort(this: &Controller) -> Result<(), JsValue>;
}

impl Signal {
    /// The signal, if the value has the shape of one.
    pub(crate) fn of(value: &JsValue) -> Option<Self> {
        let is_signal = method(value, "addEventListener").is_some() && get(value, "aborted").as_bool().is_some();
        is_signal.then(|| value.clone().unchecked_into())
    }

    pub(crate) fn is_aborted(&self) -> bool {
        get(self, "aborted").is_truthy()
    }

    /// Why it was aborted, or what it throws when asked. Old platforms' signals and polyfilled ones do not know.
    pub(crate) fn why(&self) -> JsValue {
        let reason = self.reason().unwrap_or_else(|error| error);
        if reason.is_undefined() { abort_error() } else { reason }
    }

    /// Calls `heard` once it is aborted, until what is returned is dropped.
    pub(crate) fn listen(&self, heard: impl FnMut() + 'static) -> Listening {
        Listening::new(self.clone().unchecked_into(), "abort", Closure::new(heard))
    }
}

/// Listening to an event, until dropped.
pub(crate) struct Listening {
    target: Signal,
    event: &'static str,
    listener: Option<Closure<dyn FnMut()>>,
}

impl Listening {
    /// A target that refuses listeners is none that is ever heard of.
    pub(crate) fn new(target: JsValue, event: &'static str, listener: Closure<dyn FnMut()>) -> Self {
        let target: Signal = target.unchecked_into();
        let _ = target.add_event_listener(event, listener.as_ref());
        Self { target, event, listener: Some(listener) }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some(listener) = self.listener.take()
            && self.target.remove_event_listener(self.event, listener.as_ref()).is_err()
        {
            // It may yet be called.
            drop(listener.into_js_value());
        }
    }
}

/// Aborts what was given its signal, unless disarmed before it is dropped.
pub(crate) struct AbortOnDrop {
    controller: AbortController,
    is_armed: bool,
}

impl AbortOnDrop {
    /// Fails where the platform has no `AbortController`.
    pub(crate) fn new() -> Result<Self, JsValue> {
        Ok(Self { controller: AbortController::new()?, is_armed: true })
    }

    pub(crate) fn signal(&self) -> AbortSignal {
        self.controller.signal()
    }

    /// Nothing is under way any more; and aborting is not free, as it makes an exception with a stack.
    pub(crate) fn disarm(&mut self) {
        self.is_armed = false;
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if self.is_armed {
            let _ = self.controller.unchecked_ref::<Controller>().abort();
        }
    }
}

/// What a cancelled call rejects with when nobody gave a reason: the platform's own `AbortError`, where it makes one.
pub(crate) fn abort_error() -> JsValue {
    let reason = AbortController::new().and_then(|controller| {
        controller.unchecked_ref::<Controller>().abort()?;
        controller.signal().unchecked_ref::<Signal>().reason()
    });
    reason.ok().filter(|reason| !reason.is_undefined()).unwrap_or_else(|| {
        let error = js_sys::Error::new("The call was aborted without a reason.");
        error.set_name("AbortError");
        error.into()
    })
}
