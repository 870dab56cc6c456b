//! A poll that is watched: an async iterable of progress, with the finished batch as a property.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::call::{Call, abort_error};
use super::error::Stop;
use super::flag::Flag;
use super::member::set;
use super::progress::with_unread;

/// What the poll hands to its readers: the latest progress that nobody took yet, and its end.
#[derive(Default)]
pub(crate) struct Feed {
    unread: RefCell<Option<JsValue>>,
    end: RefCell<Option<Result<(), JsValue>>>,
    is_over: Cell<bool>,
    changed: Flag,
}

impl Feed {
    /// Offers a progress. One that nobody took is replaced, its new files passed on: a slow reader misses no file, and
    /// memory stays bounded.
    pub(crate) fn offer(&self, progress: JsValue) {
        let unread = self.unread.take();
        let progress = match unread {
            Some(unread) => with_unread(&progress, &unread),
            None => progress,
        };
        *self.unread.borrow_mut() = Some(progress);
        self.changed.raise();
    }

    /// The poll has settled.
    pub(crate) fn close(&self, end: Result<(), JsValue>) {
        self.is_over.set(true);
        *self.end.borrow_mut() = Some(end);
        self.changed.raise();
    }

    /// The next progress; `None` at the end. An error is told once, then the feed is at its end.
    async fn next(&self) -> Result<Option<JsValue>, JsValue> {
        loop {
            // Once over it stays up, for every reader that still waits.
            if !self.is_over.get() {
                self.changed.lower();
            }
            let unread = self.unread.take();
            if unread.is_some() {
                return Ok(unread);
            }
            if self.is_over.get() {
                return self.end.take().unwrap_or(Ok(())).map(|()| None);
            }
            self.changed.raised().await;
        }
    }
}

/// A running poll.
#[wasm_bindgen(skip_typescript)]
pub struct Watch {
    call: Rc<Call>,
    feed: Rc<Feed>,
    result: Promise,
}

impl Watch {
    pub(crate) fn new(call: Rc<Call>, feed: Rc<Feed>, result: Promise) -> Self {
        // Iterating is enough: a result that nobody awaits must not count as an unhandled rejection.
        let _ = Promise::all_settled(&Array::of1(&result));
        Self { call, feed, result }
    }
}

#[wasm_bindgen]
impl Watch {
    /// The finished batch.
    #[wasm_bindgen(getter, skip_typescript)]
    pub fn result(&self) -> Promise {
        self.result.clone()
    }

    /// Asks for the next poll at the next permitted moment.
    #[wasm_bindgen(skip_typescript)]
    pub fn nudge(&self) {
        self.call.nudge();
    }

    /// Ends the poll; `result` rejects with `reason`.
    #[wasm_bindgen(skip_typescript)]
    pub fn cancel(&self, reason: JsValue) {
        cancel(&self.call, reason);
    }

    /// Iterates the progress.
    #[wasm_bindgen(js_name = "[Symbol.asyncIterator]", skip_typescript)]
    pub fn progress(&self) -> ProgressIterator {
        ProgressIterator { call: self.call.clone(), feed: self.feed.clone() }
    }
}

fn cancel(call: &Call, reason: JsValue) {
    call.stop(Stop::Thrown(if reason.is_undefined() { abort_error() } else { reason }));
}

/// The iterator that `for await` uses.
#[wasm_bindgen(skip_typescript)]
pub struct ProgressIterator {
    call: Rc<Call>,
    feed: Rc<Feed>,
}

#[wasm_bindgen]
impl ProgressIterator {
    /// The next progress.
    #[wasm_bindgen(skip_typescript)]
    pub fn next(&self) -> Promise {
        let feed = self.feed.clone();
        future_to_promise(async move {
            let progress = feed.next().await?;
            Ok(iteration(progress.is_none(), progress.unwrap_or(JsValue::UNDEFINED)))
        })
    }

    /// The loop was left: nobody wants the rest.
    #[wasm_bindgen(js_name = "return", skip_typescript)]
    pub fn leave(&self, value: JsValue) -> Promise {
        cancel(&self.call, JsValue::UNDEFINED);
        Promise::resolve(&iteration(true, value))
    }
}

fn iteration(done: bool, value: JsValue) -> JsValue {
    let step = js_sys::Object::new();
    set(&step, "done", &done.into());
    set(&step, "value", &value);
    step.into()
}

/// Who is told of a poll's progress.
pub(crate) struct Audience {
    pub(crate) on_progress: Option<Function>,
    pub(crate) feed: Option<Rc<Feed>>,
}

impl Audience {
    /// Whether nobody listens, so that no progress need be made.
    pub(crate) fn is_empty(&self) -> bool {
        self.on_progress.is_none() && self.feed.is_none()
    }

    /// Tells everyone. What the caller's function throws ends the poll.
    pub(crate) fn tell(&self, progress: JsValue) -> Result<(), JsValue> {
        if let Some(on_progress) = &self.on_progress {
            on_progress.call1(&JsValue::UNDEFINED, &progress)?;
        }
        if let Some(feed) = &self.feed {
            feed.offer(progress);
        }
        Ok(())
    }
}
