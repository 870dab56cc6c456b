//! A moment to wait for.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use gloo_timers::callback::Timeout;
use wasm_bindgen::prelude::*;

use super::clock;

/// `setTimeout` takes a 32-bit delay; a longer one would fire at once.
const LONGEST_TIMEOUT_MS: f64 = 2_147_483_647.0;

/// A future that is ready from a moment of the monotonic clock on, which may be infinitely far.
pub(crate) struct Timer {
    until: f64,
    /// With the platform's function that it was set by.
    timeout: Option<(Timeout, JsValue)>,
    state: Rc<State>,
}

#[derive(Default)]
struct State {
    fired: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Timer {
    /// No timeout is set before the first poll.
    pub(crate) fn new(until: f64) -> Self {
        Self { until, timeout: None, state: Rc::default() }
    }

    fn arm(&mut self, now: f64) {
        // The old one first: there are two at no time.
        self.clear();
        let delay_ms = (self.until - now).ceil().min(LONGEST_TIMEOUT_MS);
        let state = self.state.clone();
        let timeout = Timeout::new(delay_ms as u32, move || {
            state.fired.set(true);
            let waker = state.waker.borrow_mut().take();
            if let Some(waker) = waker {
                waker.wake();
            }
        });
        self.timeout = Some((timeout, set_timeout()));
    }

    fn clear(&mut self) {
        let Some((timeout, set_by)) = self.timeout.take() else { return };
        if self.state.fired.replace(false) || set_by == set_timeout() {
            drop(timeout);
        } else {
            // A test runner exchanged the timers since, and its own do not know this one: it fires, into a callback that lives on
            // until then and does nothing.
            drop(timeout.cancel().into_js_value());
        }
    }
}

fn set_timeout() -> JsValue {
    js_sys::global().unchecked_ref::<Global>().set_timeout()
}

#[wasm_bindgen]
extern "C" {
    type Global;

    #[wasm_bindgen(method, structural, getter, js_name = setTimeout)]
    fn set_timeout(this: &Global) -> JsValue;
}

impl Future for Timer {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        // It may have fired a little early, and the longest delays come in pieces.
        let now = clock::now();
        if now >= self.until {
            return Poll::Ready(());
        }
        if self.until < f64::INFINITY {
            *self.state.waker.borrow_mut() = Some(context.waker().clone());
            if self.timeout.is_none() || self.state.fired.get() {
                self.arm(now);
            }
        }
        Poll::Pending
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.state.waker.take();
        self.clear();
    }
}

/// What a future comes to; `None` where the limit comes first.
pub(crate) struct Within<'a, F> {
    limit: &'a mut Timer,
    future: F,
}

/// Waits for a future, up to a limit that further waits may go on with.
pub(crate) fn within<F: Future + Unpin>(limit: &mut Timer, future: F) -> Within<'_, F> {
    Within { limit, future }
}

impl<F: Future + Unpin> Future for Within<'_, F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Poll::Ready(output) = Pin::new(&mut self.future).poll(context) {
            return Poll::Ready(Some(output));
        }
        Pin::new(&mut *self.limit).poll(context).map(|()| None)
    }
}
