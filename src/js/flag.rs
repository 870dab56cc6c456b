//! Waiting for something to happen on this thread, and for whichever of two things happens first.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::pin;
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

/// The outcome of a [`race`].
pub(crate) enum First<A, B> {
    /// The first of the two was ready first, or at the same time.
    Left(A),
    /// The second was.
    Right(B),
}

/// Runs both until one is ready and drops the other.
pub(crate) async fn race<A: Future, B: Future>(left: A, right: B) -> First<A::Output, B::Output> {
    let mut left = pin!(left);
    let mut right = pin!(right);
    poll_fn(|context| {
        if let Poll::Ready(value) = left.as_mut().poll(context) {
            return Poll::Ready(First::Left(value));
        }
        right.as_mut().poll(context).map(First::Right)
    })
    .await
}
