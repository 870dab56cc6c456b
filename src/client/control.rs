//! How a call that runs is reached from outside: ended, hurried, made to look at the clock.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::error::Error;
use crate::web::promise::Settling;
use crate::web::timer::Timer;
use crate::web::value::method;
use crate::web::{LocalFuture, task};

/// What others want of a call. Each wish is left here, and the call is woken to see it.
pub(crate) struct Control {
    stop: RefCell<Option<Error>>,
    nudged: Cell<bool>,
    waker: RefCell<Option<Waker>>,
    bell: Option<RefCell<Bell>>,
    /// Promises that its listener gave and that have not settled.
    heeded: Cell<u32>,
}

impl Control {
    /// `has_bell` where other requests than the call's own may want something of it.
    pub(crate) fn new(has_bell: bool) -> Rc<Self> {
        let bell = has_bell.then(|| RefCell::new(Bell::new()));
        Rc::new(Self {
            stop: RefCell::default(),
            nudged: Cell::default(),
            waker: RefCell::default(),
            bell,
            heeded: Cell::default(),
        })
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

    /// What the call's listener gave may be a promise: should it reject, the call ends with that, and it does not end well before.
    pub(crate) fn heed(self: &Rc<Self>, given: &JsValue) {
        // Any other value is none, and is not worth a promise.
        let settling = method(given, "then").and_then(|_| Settling::of(given).ok());
        let Some(settling) = settling else { return };
        self.heeded.set(self.heeded.get() + 1);
        let control = self.clone();
        task::spawn_detached(Box::pin(async move {
            let settled = settling.await;
            control.heeded.set(control.heeded.get() - 1);
            match settled {
                Ok(_) => control.wake(),
                Err(error) => control.stop(Error::thrown(error)),
            }
        }));
    }

    /// Runs a call to its end, or until it is stopped. What was heeded is waited for until `settle_by` at the latest.
    pub(crate) fn run(
        self: Rc<Self>,
        call: LocalFuture<'static, Result<JsValue, Error>>,
        settle_by: f64,
        ending: Ending,
    ) -> Controlled {
        Controlled { control: self, call, settle_by, held: None, ending: Some(ending) }
    }
}

/// Receives the outcome of a call, `None` where it was dropped before, and may complete it.
pub(crate) type Ending = Box<dyn FnOnce(Option<Result<JsValue, Error>>) -> Result<JsValue, Error>>;

/// A call that can be stopped: what it comes to. Dropping it ends the call.
pub(crate) struct Controlled {
    control: Rc<Control>,
    call: LocalFuture<'static, Result<JsValue, Error>>,
    settle_by: f64,
    /// What it came to, while its listener's promises are waited for.
    held: Option<(JsValue, Timer)>,
    ending: Option<Ending>,
}

impl Controlled {
    fn poll_call(&mut self, context: &mut Context<'_>) -> Poll<Result<JsValue, Error>> {
        let control = self.control.clone();
        control.check()?;
        match &control.bell {
            Some(bell) => bell.borrow_mut().listen(context),
            None => {
                let before = control.waker.borrow_mut().replace(context.waker().clone());
                drop(before);
            }
        }
        if self.held.is_none() {
            match self.call.as_mut().poll(context) {
                Poll::Ready(Ok(value)) if control.heeded.get() > 0 => {
                    self.held = Some((value, Timer::new(self.settle_by)));
                }
                // A function of the caller's may have stopped it meanwhile.
                Poll::Pending => control.check()?,
                ready => return ready,
            }
        }
        if let Some((value, limit)) = &mut self.held
            && (control.heeded.get() == 0 || Pin::new(limit).poll(context).is_ready())
        {
            return Poll::Ready(Ok(std::mem::take(value)));
        }
        Poll::Pending
    }
}

impl Future for Controlled {
    type Output = Result<JsValue, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_call(context).map(|result| match self.ending.take() {
            Some(ending) => ending(Some(result)),
            None => result,
        })
    }
}

impl Drop for Controlled {
    fn drop(&mut self) {
        if let Some(ending) = self.ending.take() {
            let _ = ending(None);
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
