//! How a call is told of what it waits for, and the ways to end it early.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal};

use super::error::Stop;
use super::member::get;
use super::pending;
use super::run::Run;
use super::session::Session;

#[wasm_bindgen(module = "/src/js/heard.js")]
extern "C" {
    /// Tells how the promise ends.
    #[wasm_bindgen(js_name = whenSettled)]
    fn when_settled(promise: &Promise, call: u32, wait: u32, heard: &JsValue);

    /// Tells when the time is over: the timer.
    #[wasm_bindgen(js_name = whenOver)]
    fn when_over(delay_ms: u32, call: u32, heard: &JsValue) -> JsValue;

    /// Tells when the signal is aborted, and why. What is returned takes that back.
    #[wasm_bindgen(js_name = whenAborted)]
    fn when_aborted(signal: &AbortSignal, call: u32, heard: &JsValue) -> Function;

    /// Why it was aborted.
    #[wasm_bindgen(js_name = reasonOf)]
    fn reason(signal: &AbortSignal) -> JsValue;

    // Not called from here: named so that the module is there for pending.js to import.
    #[wasm_bindgen(js_name = soon, skip_typescript)]
    fn _soon(call: u32, heard: &JsValue);
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

thread_local! {
    /// The runs that have not ended, by the numbers of their calls, which grow.
    static RUNS: RefCell<Vec<(u32, Rc<Run>)>> = const { RefCell::new(Vec::new()) };

    static LAST_NUMBER: Cell<u32> = const { Cell::new(0) };

    /// What all calls hear goes through one function, as each costs: it is made, kept in a registry and taken out of it.
    static HEARD: Closure<dyn Fn(u32, u32, u32, JsValue)> = Closure::new(|number, wait, what, value| {
        let Some(run) = run(number) else { return };
        run.hear(match what {
            FULFILLED => Word::Settled(wait, Ok(value)),
            REJECTED => Word::Settled(wait, Err(value)),
            OVER => Word::Over,
            _ => {
                run.call.stop(Stop::Thrown(value));
                Word::Look
            }
        });
    });
}

const FULFILLED: u32 = 0;
const REJECTED: u32 = 1;
const OVER: u32 = 2;

/// `setTimeout` takes a 32-bit delay; a longer one would fire at once.
const LONGEST_TIMEOUT_MS: f64 = 2_147_483_647.0;

/// What a call is told.
pub(crate) enum Word {
    /// The promise of that wait settled.
    Settled(u32, Result<JsValue, JsValue>),
    /// The timer fired; it may have been a little early.
    Over,
    /// Something happened that makes it worth looking whether to go on.
    Look,
}

/// Can be stopped from outside at any moment: by the caller's signal, by `watch.cancel()`, by `client.close()`.
pub(crate) struct Call {
    number: u32,
    stop: Cell<Option<Stop>>,
    nudged: Cell<bool>,
    /// Listening to the signal.
    listening: Cell<Option<TakenBack>>,
}

impl Call {
    /// A call with the next number.
    pub(crate) fn new() -> Self {
        let number = LAST_NUMBER.with(|last| last.get().wrapping_add(1));
        LAST_NUMBER.set(number);
        Self { number, stop: Cell::default(), nudged: Cell::default(), listening: Cell::default() }
    }

    /// What it ends with when it looks next, unless it has been stopped.
    pub(crate) fn stop(&self, stop: Stop) {
        self.stop.set(self.stop.take().or(Some(stop)));
    }

    /// Fails once the call was stopped.
    pub(crate) fn check(&self) -> Result<(), Stop> {
        self.stop.take().map_or(Ok(()), Err)
    }

    /// Its present sleep, or the next one, is to end.
    pub(crate) fn nudge(&self) {
        self.nudged.set(true);
    }

    /// Whether it was nudged since it was last asked.
    pub(crate) fn was_nudged(&self) -> bool {
        self.nudged.take()
    }

    /// With the number that it is told by, and what tells.
    pub(crate) fn heard<R>(&self, tell: impl FnOnce(u32, &JsValue) -> R) -> R {
        HEARD.with(|heard| tell(self.number, heard.as_ref()))
    }

    /// Tells how the promise ends, as that of the wait with that number.
    pub(crate) fn hear_of(&self, promise: &Promise, wait: u32) {
        self.heard(|number, heard| when_settled(promise, number, wait, heard));
    }

    /// Tells after so long, or a little early; the longest delays come in pieces.
    pub(crate) fn timer(&self, left_ms: f64, is_for_sleep: bool) -> Timer {
        let (number, delay_ms) = (self.number, left_ms.ceil().min(LONGEST_TIMEOUT_MS) as u32);
        if !is_for_sleep {
            return Timer::Limit { _over: Limit(self.heard(|number, heard| when_over(delay_ms, number, heard))) };
        }
        let timeout = Timeout::new(delay_ms, move || {
            if let Some(run) = run(number) {
                run.hear(Word::Over);
            }
        });
        Timer::Sleep { _timeout: timeout }
    }

    /// The call settles: nobody is listened to any more.
    pub(crate) fn end(&self, result: Result<JsValue, Stop>) {
        // Before the promise settles, so that no listener is left by then.
        self.listening.take();
        // Out of the list before it is dropped, as that may reach the list again.
        let known = RUNS.with_borrow_mut(|runs| place(runs, self.number).map(|place| runs.remove(place)));
        drop(known);
        match result {
            Ok(value) => pending::resolve(self.number, &value),
            Err(stop) => pending::reject(self.number, &stop.into_js()),
        }
    }
}

/// Begins what was asked for: its promise. It ends with `signal.reason` once `signal` is aborted.
pub(crate) fn begin(run: &Rc<Run>, signal: Option<AbortSignal>) -> Promise {
    let call = &run.call;
    RUNS.with_borrow_mut(|runs| runs.push((call.number, run.clone())));
    let promise = call.heard(pending::begin);
    if let Some(signal) = signal {
        if get(&signal, "aborted").is_truthy() {
            call.stop(Stop::Thrown(reason(&signal)));
        } else {
            let listening = call.heard(|number, heard| when_aborted(&signal, number, heard));
            call.listening.set(Some(TakenBack(listening)));
        }
    }
    promise
}

/// The runs of a session that have not ended.
pub(crate) fn runs_of(session: &Rc<Session>) -> Vec<Rc<Run>> {
    let of_session = |(_, run): &(u32, Rc<Run>)| Rc::ptr_eq(&run.session, session).then(|| run.clone());
    RUNS.with_borrow(|runs| runs.iter().filter_map(of_session).collect())
}

fn run(number: u32) -> Option<Rc<Run>> {
    RUNS.with_borrow(|runs| place(runs, number).and_then(|place| runs.get(place)).map(|(_, run)| run.clone()))
}

fn place(runs: &[(u32, Rc<Run>)], number: u32) -> Option<usize> {
    runs.binary_search_by_key(&number, |(number, _)| *number).ok()
}

/// A timer, ended when dropped.
pub(crate) enum Timer {
    /// Of a sleep.
    Sleep { _timeout: Timeout },
    /// Of what is waited for.
    Limit { _over: Limit },
}

/// The timer of a limit.
pub(crate) struct Limit(JsValue);

impl Drop for Limit {
    fn drop(&mut self) {
        clear_timeout(&self.0);
    }
}

/// Listening to a signal, until dropped.
struct TakenBack(Function);

impl Drop for TakenBack {
    fn drop(&mut self) {
        let _ = self.0.call0(&JsValue::UNDEFINED);
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
