//! One call of a client's method: how it waits, and the ways to end it early.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use gloo_timers::callback::Timeout;
use js_sys::{Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal};

use super::clock;
use super::error::Stop;
use super::listener::Listener;
use super::member::get;

/// `setTimeout` takes a 32-bit delay; a longer one would fire at once.
const LONGEST_TIMEOUT_MS: f64 = 2_147_483_647.0;

/// Can be stopped from outside at any moment: by the caller's signal, by `watch.cancel()`, by `client.close()`.
#[derive(Default)]
pub(crate) struct Call {
    stop: RefCell<Option<Stop>>,
    nudged: Cell<bool>,
    ended: Cell<bool>,
    look_again: Cell<bool>,
    /// The timer of the present wait has fired.
    fired: Cell<bool>,
    listener: RefCell<Option<Listener>>,
    /// The one task that runs the call.
    waker: Cell<Option<Waker>>,
}

/// What a wait brought.
pub(crate) enum Woken {
    /// The promise settled.
    Settled(Result<JsValue, JsValue>),
    /// The moment came, or something happened that makes it worth looking whether it did.
    Time,
    /// Word came that the batch may be finished.
    Nudged,
}

impl Call {
    /// A call that ends with `signal.reason` once `signal` is aborted.
    pub(crate) fn new(signal: Option<AbortSignal>) -> Rc<Self> {
        let call = Rc::new(Self::default());
        if let Some(signal) = signal {
            if get(&signal, "aborted").is_truthy() {
                call.stop(Stop::Thrown(reason(&signal)));
            } else {
                let (weak, target) = (Rc::downgrade(&call), signal.clone().into());
                *call.listener.borrow_mut() = Listener::new(target, "abort", move || {
                    if let Some(call) = weak.upgrade() {
                        call.stop(Stop::Thrown(reason(&signal)));
                    }
                });
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

    /// Fails once the call was stopped. For moments when nothing is waited for.
    pub(crate) fn check(&self) -> Result<(), Stop> {
        self.stop.take().map_or(Ok(()), Err)
    }

    /// Ends the present sleep, or the next one.
    pub(crate) fn nudge(&self) {
        self.nudged.set(true);
        self.wake();
    }

    /// Ends the present sleep early, to look at the clock again: a page that was hidden has late timers.
    pub(crate) fn look_again(&self) {
        self.look_again.set(true);
        self.wake();
    }

    /// The call settles: what stops it from now on has no effect, and nobody is listened to any more.
    pub(crate) fn end(&self) {
        self.ended.set(true);
        self.listener.take();
    }

    /// Sleeps until `until`, unless stopped, nudged or told to look again. Its timer goes with it.
    pub(crate) fn sleep(self: &Rc<Self>, until: f64) -> Wait<'_> {
        Wait { call: self, promise: None, until, timer: None }
    }

    /// Waits for `promise` until `until`, unless stopped.
    pub(crate) fn settled(self: &Rc<Self>, promise: Promise, until: f64) -> Wait<'_> {
        Wait { promise: Some(JsFuture::from(promise)), ..self.sleep(until) }
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

/// The one way to wait. A future of its own and no `async` function, as it is awaited in many places.
pub(crate) struct Wait<'a> {
    call: &'a Rc<Call>,
    promise: Option<JsFuture>,
    until: f64,
    timer: Option<Timeout>,
}

impl Future for Wait<'_> {
    type Output = Result<Woken, Stop>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let call = self.call;
        call.check()?;
        let looked_again = call.look_again.take();
        match &mut self.promise {
            Some(promise) => {
                if let Poll::Ready(result) = Pin::new(promise).poll(context) {
                    return Poll::Ready(Ok(Woken::Settled(result)));
                }
            }
            None if call.nudged.take() => return Poll::Ready(Ok(Woken::Nudged)),
            None if looked_again => return Poll::Ready(Ok(Woken::Time)),
            None => {}
        }
        let left_ms = self.until - clock::now();
        if left_ms <= 0.0 {
            return Poll::Ready(Ok(Woken::Time));
        }
        call.waker.set(Some(context.waker().clone()));
        // A timer may fire a little early, and the longest ones come in pieces.
        if self.timer.is_none() || call.fired.take() {
            call.fired.set(false);
            let call = call.clone();
            self.timer = Some(Timeout::new(left_ms.ceil().min(LONGEST_TIMEOUT_MS) as u32, move || {
                call.fired.set(true);
                call.wake();
            }));
        }
        Poll::Pending
    }
}

/// Why a signal was aborted. By shape: a signal of the caller's may even throw.
fn reason(signal: &AbortSignal) -> JsValue {
    Reflect::get(signal, &"reason".into()).unwrap_or_else(|error| error)
}

/// What a cancelled call rejects with when nobody gave a reason: the platform's own `AbortError`.
pub(crate) fn abort_error() -> JsValue {
    match AbortController::new() {
        Ok(controller) => {
            controller.abort();
            reason(&controller.signal())
        }
        Err(error) => error,
    }
}
