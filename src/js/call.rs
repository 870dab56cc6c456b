//! One call of a client's method: how it waits, and the ways to end it early.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

use gloo_timers::callback::Timeout;
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal};

use super::clock;
use super::error::Stop;
use super::member::get;

#[wasm_bindgen(module = "/src/js/heard.js")]
extern "C" {
    /// Tells how the promise ends.
    #[wasm_bindgen(js_name = whenSettled)]
    fn when_settled(promise: &Promise, call: u32, wait: u32, heard: &JsValue);

    /// Tells when the time is over. What is returned takes that back.
    #[wasm_bindgen(js_name = whenOver)]
    fn when_over(delay_ms: u32, call: u32, heard: &JsValue) -> Function;

    /// Tells when the signal is aborted, and why. What is returned takes that back.
    #[wasm_bindgen(js_name = whenAborted)]
    fn when_aborted(signal: &AbortSignal, call: u32, heard: &JsValue) -> Function;

    /// Why it was aborted.
    #[wasm_bindgen(js_name = reasonOf)]
    fn reason(signal: &AbortSignal) -> JsValue;
}

thread_local! {
    /// The calls that are told something, by their numbers, which grow.
    static CALLS: RefCell<Vec<(u32, Weak<Call>)>> = const { RefCell::new(Vec::new()) };

    static LAST_NUMBER: Cell<u32> = const { Cell::new(0) };

    /// What all calls hear goes through one function, as each costs: it is made, kept in a registry and taken out of it.
    static HEARD: Closure<dyn Fn(u32, u32, u32, JsValue)> = Closure::new(|number, wait, what, value| {
        let call = CALLS.with_borrow(|calls| {
            let place = calls.binary_search_by_key(&number, |(number, _)| *number).ok()?;
            calls.get(place)?.1.upgrade()
        });
        if let Some(call) = call {
            call.hears(wait, what, value);
        }
    });
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
    /// By which it is told of what it waits for; 0 until then.
    number: Cell<u32>,
    /// How often it has waited for a promise: word of an earlier one is nobody's.
    waits: Cell<u32>,
    /// What the promise that is waited for came to.
    settled: Cell<Option<Result<JsValue, JsValue>>>,
    /// The moment the timer was set for, and the timer. What follows with the same limit goes on with it.
    timer: Cell<Option<(f64, Timer)>>,
    /// It has fired.
    fired: Cell<bool>,
    /// Listening to the signal.
    listening: RefCell<Option<TakenBack>>,
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
                let listening = HEARD.with(|heard| when_aborted(&signal, call.number(), heard.as_ref()));
                *call.listening.borrow_mut() = Some(TakenBack(listening));
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
        self.listening.take();
        self.timer.take();
    }

    /// Sleeps until `until`, unless stopped, nudged or told to look again.
    pub(crate) fn sleep(self: &Rc<Self>, until: f64) -> Wait<'_> {
        Wait { call: self, is_for_promise: false, until }
    }

    /// Waits for `promise` until `until`, unless stopped.
    pub(crate) fn settled(self: &Rc<Self>, promise: &Promise, until: f64) -> Wait<'_> {
        let wait = self.waits.get().wrapping_add(1);
        self.waits.set(wait);
        HEARD.with(|heard| when_settled(promise, self.number(), wait, heard.as_ref()));
        Wait { call: self, is_for_promise: true, until }
    }

    /// The number by which it is told.
    fn number(self: &Rc<Self>) -> u32 {
        if self.number.get() == 0 {
            let number = LAST_NUMBER.with(|last| last.get().wrapping_add(1));
            LAST_NUMBER.set(number);
            self.number.set(number);
            CALLS.with_borrow_mut(|calls| calls.push((number, Rc::downgrade(self))));
        }
        self.number.get()
    }

    /// What `heard.js` tells.
    fn hears(&self, wait: u32, what: u32, value: JsValue) {
        match what {
            ABORTED => return self.stop(Stop::Thrown(value)),
            OVER => self.fired.set(true),
            _ if wait != self.waits.get() => return,
            FULFILLED => self.settled.set(Some(Ok(value))),
            _ => self.settled.set(Some(Err(value))),
        }
        self.wake();
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let number = self.number.get();
        // Where the thread itself ends there is nothing to take it out of.
        let _ = CALLS.try_with(|calls| {
            let mut calls = calls.borrow_mut();
            if let Ok(place) = calls.binary_search_by_key(&number, |(number, _)| *number) {
                calls.remove(place);
            }
        });
    }
}

/// What `heard.js` tells of, by its numbers.
const FULFILLED: u32 = 0;
const OVER: u32 = 2;
const ABORTED: u32 = 3;

/// Something asked of `heard.js`, taken back when dropped.
struct TakenBack(Function);

impl Drop for TakenBack {
    fn drop(&mut self) {
        let _ = self.0.call0(&JsValue::UNDEFINED);
    }
}

/// A timer, ended when dropped.
enum Timer {
    /// Of a sleep.
    Sleep { _timeout: Timeout },
    /// Of what is waited for.
    Limit { _over: TakenBack },
}

/// The one way to wait. A future of its own and no `async` function, as it is awaited in many places.
pub(crate) struct Wait<'a> {
    call: &'a Rc<Call>,
    is_for_promise: bool,
    until: f64,
}

impl Future for Wait<'_> {
    type Output = Result<Woken, Stop>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let call = self.call;
        call.check()?;
        let looked_again = call.look_again.take();
        if self.is_for_promise {
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
        call.timer.set(Some(timer.unwrap_or_else(|| (self.until, self.timer(left_ms)))));
        Poll::Pending
    }
}

impl Wait<'_> {
    /// A timer may fire a little early, and the longest ones come in pieces.
    fn timer(&self, left_ms: f64) -> Timer {
        let delay_ms = left_ms.ceil().min(LONGEST_TIMEOUT_MS) as u32;
        self.call.fired.set(false);
        if self.is_for_promise {
            let over = HEARD.with(|heard| when_over(delay_ms, self.call.number(), heard.as_ref()));
            return Timer::Limit { _over: TakenBack(over) };
        }
        let call = self.call.clone();
        let timeout = Timeout::new(delay_ms, move || {
            call.fired.set(true);
            call.wake();
        });
        Timer::Sleep { _timeout: timeout }
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        if self.is_for_promise {
            // Its timer stays: a body has the limit of its response.
            self.call.waits.set(self.call.waits.get().wrapping_add(1));
            self.call.settled.take();
        } else {
            self.call.timer.take();
        }
    }
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
