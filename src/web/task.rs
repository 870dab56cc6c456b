//! A future that runs by itself: polled at once by each of its own events, in the request of a Worker that set it off.
//!
//! Not an entry of wasm-bindgen-futures' queue. That queue is one for the whole module and stays stuck for good once a test
//! runner has taken `queueMicrotask` away. Its `JsFuture` wakes whatever polls it, these tasks included.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

use super::LocalFuture;

/// What a task does.
pub(crate) type Work = LocalFuture<'static, ()>;

/// A future on its way. It lives as long as something may wake it.
struct Task {
    /// `None` once it has ended.
    work: RefCell<Option<Work>>,
    /// Leads back here, so it goes with the work.
    waker: RefCell<Option<Waker>>,
    /// Whether it was woken while it ran.
    again: Cell<bool>,
    cancelled: Cell<bool>,
}

/// What wakes a task: a function of JavaScript's that runs it, as such a value may be sent where an `Rc` may not.
struct Runner(JsValue);

impl Wake for Runner {
    fn wake(self: Arc<Self>) {
        let _ = self.0.unchecked_ref::<Function>().call0(&JsValue::UNDEFINED);
    }
}

impl Task {
    /// A task that nobody has started, and the function that runs it.
    fn new(work: Work) -> (Rc<Self>, JsValue) {
        let task = Rc::new(Self {
            work: RefCell::new(Some(work)),
            waker: RefCell::default(),
            again: Cell::default(),
            cancelled: Cell::default(),
        });
        let running = task.clone();
        let run = Closure::<dyn Fn()>::new(move || running.run()).into_js_value();
        task.waker.replace(Some(Arc::new(Runner(run.clone())).into()));
        (task, run)
    }

    /// Polls the future until it waits for something.
    fn run(&self) {
        // Woken by itself, or by a function of the caller's that it calls: it looks again when that is over.
        let Ok(mut work) = self.work.try_borrow_mut() else { return self.again.set(true) };
        let Some(waker) = self.waker.borrow().clone() else { return };
        loop {
            self.again.set(false);
            let Some(running) = work.as_mut() else { return };
            let has_ended = running.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
            if has_ended || self.cancelled.get() {
                *work = None;
                self.waker.take();
                return;
            }
            if !self.again.get() {
                return;
            }
        }
    }

    fn cancel(&self) {
        self.cancelled.set(true);
        if let Ok(mut work) = self.work.try_borrow_mut() {
            let ended = (work.take(), self.waker.take());
            // Not while it is borrowed, as it may come back here.
            drop(work);
            drop(ended);
        }
    }
}

/// A task that ends when this is dropped.
pub(crate) struct Handle(Rc<Task>);

impl Handle {
    pub(crate) fn is_running(&self) -> bool {
        // One that is being polled runs.
        self.0.work.try_borrow().map_or(true, |work| work.is_some())
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Starts a task at once, as part of what runs now.
pub(crate) fn spawn(work: Work) -> Handle {
    let (task, _) = Task::new(work);
    task.run();
    Handle(task)
}

/// The same, of a task that nobody ends.
pub(crate) fn spawn_detached(work: Work) {
    Task::new(work).0.run();
}

/// Starts a task once the code that runs now has ended: whoever asked for it may yet want to end it.
pub(crate) fn spawn_soon(work: Work) {
    let (_, run) = Task::new(work);
    // Not by `queueMicrotask`, which test runners take away.
    Promise::resolve(&JsValue::UNDEFINED).unchecked_ref::<Settled>().then(&run);
}

#[wasm_bindgen]
extern "C" {
    /// A promise whose callback is a function that frees itself.
    type Settled;

    #[wasm_bindgen(method)]
    fn then(this: &Settled, callback: &JsValue);
}
