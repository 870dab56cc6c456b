//! A moment to wait for.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use gloo_timers::callback::Timeout;

use super::clock;

/// `setTimeout` takes a 32-bit delay; a longer one would fire at once.
const LONGEST_TIMEOUT_MS: f64 = 2_147_483_647.0;

/// A future that is ready from a moment of the monotonic clock on, which may be infinitely far.
pub(crate) struct Timer {
    until: f64,
    timeout: Option<Timeout>,
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
        self.timeout = Some(Timeout::new(delay_ms as u32, move || {
            state.fired.set(true);
            let waker = state.waker.borrow_mut().take();
            if let Some(waker) = waker {
                waker.wake();
            }
        }));
    }

    /// A timer that a test runner's clock took away may fire although it was cleared: its callback lives on until the platform
    /// lets go of it, and does nothing.
    fn clear(&mut self) {
        if let Some(timeout) = self.timeout.take() {
            if self.state.fired.replace(false) {
                drop(timeout);
            } else {
                drop(timeout.cancel().into_js_value());
            }
        }
    }
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
