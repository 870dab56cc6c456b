//! How a call that runs is reached from outside: ended, hurried, told to look at the clock.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::error::Error;
use crate::web::LocalFuture;

/// What others want of a call. Each wish is left here, and the call is woken to see it.
pub(crate) struct Control {
    stop: RefCell<Option<Error>>,
    nudged: Cell<bool>,
    waker: RefCell<Option<Waker>>,
    bell: Option<RefCell<Bell>>,
}

impl Control {
    /// `has_bell` where other requests than the call's own may want something of it.
    pub(crate) fn new(has_bell: bool) -> Rc<Self> {
        let bell = has_bell.then(|| RefCell::new(Bell::new()));
        Rc::new(Self { stop: RefCell::default(), nudged: Cell::default(), waker: RefCell::default(), bell })
    }

    /// The call is to end with `error`, unless something else ends it before.
    pub(crate) fn stop(&self, error: Error) {
        self.stop.borrow_mut().get_or_insert(error);
        self.wake();
    }

    /// Its present sleep, or the next one, is to end.
    pub(crate) fn nudge(&self) {
        self.nudged.set(true);
        self.wake();
    }

    /// Whether it was nudged since it was last asked.
    pub(crate) fn was_nudged(&self) -> bool {
        self.nudged.take()
    }

    /// Fails once the call is to end. To be asked where a function of the caller's was called, and the call would go on at once.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.stop.borrow_mut().take().map_or(Ok(()), Err)
    }

    /// Has it look at the clock again.
    pub(crate) fn wake(&self) {
        match &self.bell {
            Some(bell) => bell.borrow().ring(),
            None => {
                let waker = self.waker.borrow_mut().take();
                if let Some(waker) = waker {
                    waker.wake();
                }
            }
        }
    }

    /// Runs a call to its end, or until it is stopped.
    pub(crate) fn run(self: Rc<Self>, call: LocalFuture<'static, Result<JsValue, Error>>) -> Controlled {
        Controlled { control: self, call }
    }
}

/// A call that can be stopped: what it comes to. Dropping it ends the call.
pub(crate) struct Controlled {
    control: Rc<Control>,
    call: LocalFuture<'static, Result<JsValue, Error>>,
}

impl Future for Controlled {
    type Output = Result<JsValue, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let control = self.control.clone();
        if let Err(error) = control.check() {
            return Poll::Ready(Err(error));
        }
        match &control.bell {
            Some(bell) => bell.borrow_mut().listen(context),
            None => {
                let before = control.waker.borrow_mut().replace(context.waker().clone());
                drop(before);
            }
        }
        match self.call.as_mut().poll(context) {
            Poll::Ready(result) => Poll::Ready(result),
            // A function of the caller's may have stopped it meanwhile.
            Poll::Pending => control.check().map_or_else(|error| Poll::Ready(Err(error)), |()| Poll::Pending),
        }
    }
}

/// In a Worker a promise's continuation runs in the request that attached it. So whoever wants something of a call resolves a
/// promise that the call's own request made and awaits; moved on by another request, the call would go on there, and end with it.
struct Bell {
    rung: JsFuture,
    ring: Function,
}

impl Bell {
    fn new() -> Self {
        let mut ring = None;
        let promise = Promise::new(&mut |resolve: Function, _: Function| ring = Some(resolve));
        let ring = ring.unwrap_or_else(|| JsValue::UNDEFINED.unchecked_into());
        Self { rung: JsFuture::from(promise), ring }
    }

    fn ring(&self) {
        let _ = self.ring.call0(&JsValue::UNDEFINED);
    }

    /// Wakes the call when it rings, and again when it rings again.
    fn listen(&mut self, context: &mut Context<'_>) {
        while Pin::new(&mut self.rung).poll(context).is_ready() {
            *self = Self::new();
        }
    }
}

impl Drop for Bell {
    /// A future of a promise that never settles would not be freed.
    fn drop(&mut self) {
        self.ring();
    }
}
