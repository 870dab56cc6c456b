//! One call of a client's method: how it waits, and the ways to end it early.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

use gloo_timers::callback::Timeout;
use js_sys::{Promise, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal};

use super::clock;
use super::error::Stop;
use super::listener::Listener;
use super::member::get;

#[wasm_bindgen(module = "/src/js/pending.js")]
extern "C" {
    /// Calls `heard(number, is_fulfilled, value)` once the promise settles.
    #[wasm_bindgen(js_name = whenSettled)]
    fn when_settled(promise: &Promise, number: u32, heard: &JsValue);
}

thread_local! {
    /// The calls that wait for a promise, by the numbers they were given for it.
    static AWAITING: RefCell<Vec<(u32, Weak<Call>)>> = const { RefCell::new(Vec::new()) };

    static NEXT_NUMBER: Cell<u32> = const { Cell::new(0) };

    /// One for all promises: a closure is made, kept and dropped at some cost, and a call waits for several.
    static HEARD: Closure<dyn FnMut(u32, bool, JsValue)> = Closure::new(|number, is_fulfilled, value| {
        if let Some(call) = no_longer_awaiting(number) {
            call.settled.set(Some(if is_fulfilled { Ok(value) } else { Err(value) }));
            call.wake();
        }
    });
}

fn no_longer_awaiting(number: u32) -> Option<Rc<Call>> {
    AWAITING.with_borrow_mut(|awaiting| {
        let place = awaiting.iter().position(|(other, _)| *other == number)?;
        awaiting.swap_remove(place).1.upgrade()
    })
}

/// `setTimeout` takes a 32-bit delay; a longer one would fire at once.
const LONGEST_TIMEOUT_MS: f64 = 2_147_483_647.0;

/// Can be stopped from outside at any moment: by the caller's signal, by `watch.cancel()`, by `client.close()`.
#[derive(Default)]
pub(crate) struct Call {
    stop: RefCell<Option<Stop>>,
    nudged: Cell<bool>,
    ended: Cell<bool>,
    look_again: Cell<bool>,
    /// What the promise that is waited for came to.
    settled: Cell<Option<Result<JsValue, JsValue>>>,
    /// The moment the timer was set for, and the timer. What follows with the same limit goes on with it.
    timer: Cell<Option<(f64, Timeout)>>,
    /// It has fired.
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
        self.timer.take();
    }

    /// Sleeps until `until`, unless stopped, nudged or told to look again.
    pub(crate) fn sleep(self: &Rc<Self>, until: f64) -> Wait<'_> {
        Wait { call: self, number: None, until }
    }

    /// Waits for `promise` until `until`, unless stopped.
    pub(crate) fn settled(self: &Rc<Self>, promise: &Promise, until: f64) -> Wait<'_> {
        let number = NEXT_NUMBER.with(|next| next.replace(next.get().wrapping_add(1)));
        AWAITING.with_borrow_mut(|awaiting| awaiting.push((number, Rc::downgrade(self))));
        HEARD.with(|heard| when_settled(promise, number, heard.as_ref()));
        Wait { call: self, number: Some(number), until }
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
    /// Of the promise that is waited for, if it is one.
    number: Option<u32>,
    until: f64,
}

impl Future for Wait<'_> {
    type Output = Result<Woken, Stop>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let call = self.call;
        call.check()?;
        let looked_again = call.look_again.take();
        if self.number.is_some() {
            if let Some(result) = call.settled.take() {
                return Poll::Ready(Ok(Woken::Settled(result)));
            }
        } else if call.nudged.take() {
            return Poll::Ready(Ok(Woken::Nudged));
        } else if looked_again {
            return Poll::Ready(Ok(Woken::Time));
        }
        let left_ms = self.until - clock::now();
        if left_ms <= 0.0 {
            return Poll::Ready(Ok(Woken::Time));
        }
        call.waker.set(Some(context.waker().clone()));
        let timer = call.timer.take().filter(|(until, _)| *until == self.until && !call.fired.get());
        // A timer may fire a little early, and the longest ones come in pieces.
        let timer = timer.unwrap_or_else(|| {
            call.fired.set(false);
            let call = call.clone();
            let delay_ms = left_ms.ceil().min(LONGEST_TIMEOUT_MS) as u32;
            let timer = Timeout::new(delay_ms, move || {
                call.fired.set(true);
                call.wake();
            });
            (self.until, timer)
        });
        call.timer.set(Some(timer));
        Poll::Pending
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        match self.number {
            // The timer stays: a body has the limit of its response.
            Some(number) => {
                drop(no_longer_awaiting(number));
                self.call.settled.take();
            }
            None => drop(self.call.timer.take()),
        }
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
