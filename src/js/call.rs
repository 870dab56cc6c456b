//! One call of a client's method, and the ways to end it early.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal};

use super::error::Stop;
use super::flag::Flag;

/// Can be stopped from outside at any moment: by the caller's signal, by `watch.cancel()`, by `client.close()`.
#[derive(Default)]
pub(crate) struct Call {
    stop: RefCell<Option<Stop>>,
    stopped: Flag,
    /// Raised by `watch.nudge()`.
    pub(crate) nudged: Flag,
    listener: RefCell<Option<AbortListener>>,
    ended: Cell<bool>,
}

impl Call {
    /// A call that ends with `signal.reason` once `signal` is aborted.
    pub(crate) fn new(signal: Option<AbortSignal>) -> Rc<Self> {
        let call = Rc::new(Self::default());
        if let Some(signal) = signal {
            if signal.aborted() {
                call.stop(Stop::Thrown(signal.reason()));
            } else {
                *call.listener.borrow_mut() = AbortListener::new(signal, &call);
            }
        }
        call
    }

    /// Ends the call with `stop`, unless it has ended.
    pub(crate) fn stop(&self, stop: Stop) {
        if self.ended.replace(true) {
            return;
        }
        *self.stop.borrow_mut() = Some(stop);
        self.stopped.raise();
    }

    /// Completes once the call is stopped, with why.
    pub(crate) async fn stopped(&self) -> Stop {
        self.stopped.raised().await;
        self.take_stop().unwrap_or(Stop::Thrown(JsValue::UNDEFINED))
    }

    /// Fails if the call is stopped already.
    pub(crate) fn check(&self) -> Result<(), Stop> {
        self.take_stop().map_or(Ok(()), Err)
    }

    /// The call settles: what stops it from now on has no effect, and nobody is listened to any more.
    pub(crate) fn end(&self) {
        self.ended.set(true);
        self.listener.take();
    }

    fn take_stop(&self) -> Option<Stop> {
        self.stop.take()
    }
}

/// Our one listener on the caller's signal, taken off when dropped: a signal may outlive ten thousand calls.
struct AbortListener {
    signal: AbortSignal,
    closure: Closure<dyn FnMut()>,
}

impl AbortListener {
    fn new(signal: AbortSignal, call: &Rc<Call>) -> Option<Self> {
        let closure = {
            let (call, signal) = (Rc::downgrade(call), signal.clone());
            Closure::new(move || {
                if let Some(call) = call.upgrade() {
                    call.stop(Stop::Thrown(signal.reason()));
                }
            })
        };
        signal.add_event_listener_with_callback("abort", closure.as_ref().unchecked_ref()).ok()?;
        Some(Self { signal, closure })
    }
}

impl Drop for AbortListener {
    fn drop(&mut self) {
        let _ = self.signal.remove_event_listener_with_callback("abort", self.closure.as_ref().unchecked_ref());
    }
}

/// What a cancelled call rejects with when nobody gave a reason: the platform's own `AbortError`.
pub(crate) fn abort_error() -> JsValue {
    match AbortController::new() {
        Ok(controller) => {
            controller.abort();
            controller.signal().reason()
        }
        Err(error) => error,
    }
}
