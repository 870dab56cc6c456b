//! One call of a client's method: how it waits, and the ways to end it early.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

use gloo_timers::callback::Timeout;
use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal};

use super::clock;
use super::error::Stop;

/// `setTimeout` takes a 32-bit delay; a longer one would fire at once.
const LONGEST_TIMEOUT_MS: f64 = 2_147_483_647.0;

/// Can be stopped from outside at any moment: by the caller's signal, by `watch.cancel()`, by `client.close()`.
#[derive(Default)]
pub(crate) struct Call {
    stop: RefCell<Option<Stop>>,
    nudged: Cell<bool>,
    ended: Cell<bool>,
    listener: RefCell<Option<AbortListener>>,
    /// The one task that runs the call.
    waker: Cell<Option<Waker>>,
}

/// What a wait brought.
pub(crate) enum Woken {
    /// The promise settled.
    Settled(Result<JsValue, JsValue>),
    /// The moment came.
    Time,
    /// Word came that the batch may be finished.
    Nudged,
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
        if !self.ended.replace(true) {
            *self.stop.borrow_mut() = Some(stop);
            self.wake();
        }
    }

    /// Ends the present sleep, or the next one.
    pub(crate) fn nudge(&self) {
        self.nudged.set(true);
        self.wake();
    }

    /// The call settles: what stops it from now on has no effect, and nobody is listened to any more.
    pub(crate) fn end(&self) {
        self.ended.set(true);
        self.listener.take();
    }

    /// Sleeps until `until`, no less, unless stopped or nudged. Its timer goes with it.
    pub(crate) async fn sleep(&self, until: f64) -> Result<Woken, Stop> {
        self.wait(None, until).await
    }

    /// Waits for `promise` until `until`, unless stopped.
    pub(crate) async fn settled(&self, promise: &Promise, until: f64) -> Result<Woken, Stop> {
        self.wait(Some(JsFuture::from(promise.clone())), until).await
    }

    async fn wait(&self, mut promise: Option<JsFuture>, until: f64) -> Result<Woken, Stop> {
        let fired = Rc::new(Cell::new(false));
        let mut timer = None;
        poll_fn(|context| {
            if let Some(stop) = self.stop.take() {
                return Poll::Ready(Err(stop));
            }
            match &mut promise {
                Some(promise) => {
                    if let Poll::Ready(result) = Pin::new(promise).poll(context) {
                        return Poll::Ready(Ok(Woken::Settled(result)));
                    }
                }
                None => {
                    if self.nudged.replace(false) {
                        return Poll::Ready(Ok(Woken::Nudged));
                    }
                }
            }
            let left_ms = until - clock::now();
            if left_ms <= 0.0 {
                return Poll::Ready(Ok(Woken::Time));
            }
            self.waker.set(Some(context.waker().clone()));
            // A timer may fire a little early, and the longest ones come in pieces.
            if timer.is_none() || fired.replace(false) {
                let (fired, waker) = (fired.clone(), context.waker().clone());
                timer = Some(Timeout::new(left_ms.ceil().min(LONGEST_TIMEOUT_MS) as u32, move || {
                    fired.set(true);
                    waker.wake();
                }));
            }
            Poll::Pending
        })
        .await
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
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
