//! Signals and controllers, looked at by shape: a signal may come from another realm or a polyfill, and may throw.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Map;
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

    /// Calls `callback` once it is aborted, until what is returned is dropped. However many calls listen, the signal has one listener:
    /// Node warns of a leak at the eleventh.
    pub(crate) fn listen(&self, callback: impl Fn() + 'static) -> Heeding {
        let listeners = Listeners::of(self);
        // Before the signal knows of it, as some call back at once.
        let index = put(&mut listeners.callbacks.borrow_mut(), Rc::new(callback));
        if listeners.listening.borrow().is_none() {
            let observed = Rc::downgrade(&listeners);
            let notify = Closure::new(move || observed.upgrade().iter().for_each(|listeners| listeners.notify()));
            let listening = Listening::new(self.clone().unchecked_into(), "abort", notify);
            listeners.listening.replace(Some(listening));
        }
        Heeding { listeners, index }
    }
}

thread_local! {
    /// The place of each signal that is listened to.
    static PLACES: Map = Map::new();
    /// Its listeners.
    static SIGNALS: RefCell<Places<Rc<Listeners>>> = const { RefCell::new(Vec::new()) };
}

/// Whoever listens to one signal.
struct Listeners {
    signal: Signal,
    listening: RefCell<Option<Listening>>,
    callbacks: RefCell<Places<Rc<dyn Fn()>>>,
}

impl Listeners {
    fn of(signal: &Signal) -> Rc<Self> {
        let known = PLACES.with(|places| places.get(signal).as_f64());
        SIGNALS.with_borrow_mut(|signals| {
            if let Some(Some(known)) = known.and_then(|place| signals.get(place as usize)) {
                return known.clone();
            }
            let listeners =
                Rc::new(Self { signal: signal.clone(), listening: RefCell::default(), callbacks: RefCell::default() });
            let place = put(signals, listeners.clone());
            PLACES.with(|places| places.set(signal, &(place as f64).into()));
            listeners
        })
    }

    /// Of a copy of the list, as a callback may leave it.
    fn notify(&self) {
        let callbacks = self.callbacks.borrow().clone();
        for callback in callbacks.iter().flatten() {
            callback();
        }
    }
}

/// Things that stay where they are while others come and go.
type Places<T> = Vec<Option<T>>;

/// Puts something where there is room: where it is.
fn put<T>(places: &mut Places<T>, what: T) -> usize {
    let free = places.iter().position(Option::is_none).unwrap_or(places.len());
    match places.get_mut(free) {
        Some(place) => *place = Some(what),
        None => places.push(Some(what)),
    }
    free
}

/// Takes it out of there.
fn take<T>(places: &mut [Option<T>], index: usize) -> Option<T> {
    places.get_mut(index)?.take()
}

/// Listening to a signal, until dropped.
pub(crate) struct Heeding {
    listeners: Rc<Listeners>,
    index: usize,
}

impl Drop for Heeding {
    fn drop(&mut self) {
        // Each is dropped once nothing is borrowed any more: to take a listener off may call functions of the caller's.
        let callback = take(&mut self.listeners.callbacks.borrow_mut(), self.index);
        drop(callback);
        if self.listeners.callbacks.borrow().iter().all(Option::is_none) {
            let place = PLACES.with(|places| {
                let place = places.get(&self.listeners.signal).as_f64();
                places.delete(&self.listeners.signal);
                place
            });
            let known = place.and_then(|place| SIGNALS.with_borrow_mut(|signals| take(signals, place as usize)));
            drop(known);
        }
    }
}

/// Listening to an event, until dropped.
pub(crate) struct Listening {
    target: Signal,
    event: &'static str,
    listener: Option<Closure<dyn FnMut()>>,
}

impl Listening {
    /// A target that refuses listeners never calls any.
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
