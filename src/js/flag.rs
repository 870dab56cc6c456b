//! Waiting for something to happen on this thread.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// Something that happens: raised by one side, awaited by others.
#[derive(Default)]
pub(crate) struct Flag {
    raised: Cell<bool>,
    waiting: RefCell<Vec<Waker>>,
}

impl Flag {
    /// Raises the flag and wakes who waits for it.
    pub(crate) fn raise(&self) {
        self.raised.set(true);
        for waker in self.waiting.take() {
            waker.wake();
        }
    }

    /// Lowers the flag; says whether it was up.
    pub(crate) fn lower(&self) -> bool {
        self.raised.replace(false)
    }

    /// Completes once the flag is up.
    pub(crate) async fn raised(&self) {
        poll_fn(|context| {
            if self.raised.get() {
                return Poll::Ready(());
            }
            let mut waiting = self.waiting.borrow_mut();
            if !waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                waiting.push(context.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }
}
