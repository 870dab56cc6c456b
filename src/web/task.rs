//! A future that runs by itself: polled at once by each of its own events, in the request of a Worker that set it off.
//!
//! Not an entry of wasm-bindgen-futures' queue. That queue is one for the whole module and stays stuck for good once a test
//! runner has taken `queueMicrotask` away. Its `JsFuture` wakes whatever polls it, these tasks included.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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
    /// What runs it. It leads back here, so it goes with the work.
    run: RefCell<Option<Run>>,
    /// Whether it was woken while it ran.
    again: Cell<bool>,
    cancelled: Cell<bool>,
}

/// A function of JavaScript's that runs a task, and what wakes the task by it.
struct Run {
    function: Closure<dyn Fn()>,
    runner: Arc<Runner>,
}

impl Drop for Run {
    fn drop(&mut self) {
        self.runner.is_over.store(true, Ordering::Relaxed);
    }
}

/// What wakes a task. It holds the function, as such a value may be sent where an `Rc` may not.
struct Runner {
    function: JsValue,
    is_over: AtomicBool,
}

impl Wake for Runner {
    fn wake(self: Arc<Self>) {
        if !self.is_over.load(Ordering::Relaxed) {
            let _ = self.function.unchecked_ref::<Function>().call0(&JsValue::UNDEFINED);
        }
    }
}

impl Task {
    /// A task that nobody has started.
    fn new(work: Work) -> Rc<Self> {
        let task = Rc::new(Self {
            work: RefCell::new(Some(work)),
            run: RefCell::default(),
            again: Cell::default(),
            cancelled: Cell::default(),
        });
        let running = task.clone();
        let function = Closure::<dyn Fn()>::new(move || running.run());
        let runner = Arc::new(Runner { function: function.as_ref().clone(), is_over: AtomicBool::new(false) });
        task.run.replace(Some(Run { function, runner }));
        task
    }

    /// Polls the future until it waits for something.
    fn run(&self) {
        // Woken by itself, or by a function of the caller's that it calls: it looks again when that is over.
        let Ok(mut work) = self.work.try_borrow_mut() else { return self.again.set(true) };
        let Some(waker) = self.run.borrow().as_ref().map(|run| Waker::from(run.runner.clone())) else { return };
        loop {
            self.again.set(false);
            let Some(running) = work.as_mut() else { return };
            let has_ended = running.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
            if has_ended || self.cancelled.get() {
                *work = None;
                drop(work);
                drop(self.run.take());
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
            let ended = (work.take(), self.run.take());
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
    let task = Task::new(work);
    task.run();
    Handle(task)
}

/// The same, of a task that nobody ends.
pub(crate) fn spawn_detached(work: Work) {
    Task::new(work).run();
}

/// Starts a task once the code that runs now has ended: whoever asked for it may yet want to end it.
pub(crate) fn spawn_soon(work: Work) {
    let task = Task::new(work);
    let run = task.run.borrow();
    if let Some(Run { function, .. }) = &*run {
        // Not by `queueMicrotask`, which test runners take away.
        Promise::resolve(&JsValue::UNDEFINED).unchecked_ref::<Settled>().then(function.as_ref());
    }
}

#[wasm_bindgen]
extern "C" {
    /// A promise whose callback is a function that frees itself.
    type Settled;

    #[wasm_bindgen(method)]
    fn then(this: &Settled, callback: &JsValue);
}
