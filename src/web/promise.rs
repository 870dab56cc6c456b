//! A promise of the caller's as a future.
//!
//! In place of wasm-bindgen-futures' `JsFuture` where the promise may never settle: dropped early, that one keeps its callbacks
//! until it does, for good where a `fetch` is deaf to its signal. These go with the promise.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use js_sys::Promise;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = Promise, js_name = resolve)]
    fn promise_of(value: &JsValue) -> Result<Promise, JsValue>;

    type Thenable;

    #[wasm_bindgen(method)]
    fn then(this: &Thenable, fulfilled: &JsValue, rejected: &JsValue);
}

/// What a promise comes to.
pub(crate) struct Settling {
    state: Rc<RefCell<State>>,
    callbacks: Option<[Callback; 2]>,
}

type Callback = Closure<dyn FnMut(JsValue)>;

#[derive(Default)]
struct State {
    result: Option<Result<JsValue, JsValue>>,
    waker: Option<Waker>,
}

impl Settling {
    /// Of whatever a function of the caller's gave, which need not be a promise. Fails where it cannot be asked.
    pub(crate) fn of(value: &JsValue) -> Result<Self, JsValue> {
        let (promise, state) = (promise_of(value)?, Rc::<RefCell<State>>::default());
        let callback = |result: fn(JsValue) -> Result<JsValue, JsValue>| {
            let state = state.clone();
            Closure::new(move |value| {
                let mut state = state.borrow_mut();
                state.result = Some(result(value));
                let waker = state.waker.take();
                drop(state);
                if let Some(waker) = waker {
                    waker.wake();
                }
            })
        };
        let (fulfilled, rejected): (Callback, Callback) = (callback(Ok), callback(Err));
        promise.unchecked_ref::<Thenable>().then(fulfilled.as_ref(), rejected.as_ref());
        Ok(Self { state, callbacks: Some([fulfilled, rejected]) })
    }
}

impl Future for Settling {
    type Output = Result<JsValue, JsValue>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.state.borrow_mut();
        if let Some(result) = state.result.take() {
            drop(state);
            self.callbacks = None;
            return Poll::Ready(result);
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Settling {
    fn drop(&mut self) {
        if let Some(callbacks) = self.callbacks.take() {
            self.state.borrow_mut().waker = None;
            // The promise may yet settle: they stay for as long as it does, and do nothing.
            for callback in callbacks {
                drop(callback.into_js_value());
            }
        }
    }
}
