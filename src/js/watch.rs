//! A poll that is watched: an async iterable of progress.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Object, Promise, Reflect, WeakRef};
use wasm_bindgen::prelude::*;

use super::iterate::step;
use super::options::{listener, signal};
use super::promise::{may_go_unawaited, promise_of, promise_with};
use super::results::update;
use crate::client::error::Error;
use crate::client::feed::Feed;
use crate::client::many::StartArguments;
use crate::client::running::Running;
use crate::client::session::Session;
use crate::client::start::start;
use crate::web::abort::abort_error;
use crate::web::promise::Settling;
use crate::web::value::{get, set};

/// A running poll.
#[wasm_bindgen(skip_typescript)]
pub struct Watch {
    running: Running,
    feed: Rc<Feed<()>>,
    result: Weak,
}

/// A reference that keeps nobody from being collected, where the platform has such; elsewhere nothing would be freed either.
enum Weak {
    Weak(WeakRef),
    Strong(JsValue),
}

impl Weak {
    fn new(promise: &Promise) -> Self {
        if get(&js_sys::global(), "WeakRef").is_undefined() {
            return Self::Strong(promise.into());
        }
        Self::Weak(WeakRef::new(promise.unchecked_ref()))
    }

    fn get(&self) -> Promise {
        match self {
            Self::Weak(reference) => reference.deref().map_or(JsValue::UNDEFINED, JsValue::from).unchecked_into(),
            Self::Strong(promise) => promise.clone().unchecked_into(),
        }
    }
}

/// Starts a poll that is watched.
pub(super) fn watch(
    session: &Rc<Session>,
    (arguments, saved): StartArguments,
    options: &JsValue,
) -> Result<JsValue, Error> {
    let rest = listener(options).and_then(|listener| Ok((listener, signal(options)?)));
    let (listener, signal) = rest.map_err(|error| error.about(&arguments.batch, None))?;
    let feed = Feed::new();
    let listener = feed.listener(listener);
    let (running, result) = start(session, arguments, saved, Some(listener));
    let result = promise_with(running.clone(), result, signal, Some(feed.clone()));
    may_go_unawaited(&result);
    let watch = JsValue::from(Watch { running, feed, result: Weak::new(&result) });
    // On the object and not in the wasm, which no garbage collector looks through: a promise that was rejected leads to an error,
    // whose stack may lead to the watch. Here the wasm only has a weak reference.
    let property = Object::new();
    set(&property, "value", &result);
    set(&property, "enumerable", &JsValue::TRUE);
    let _ = Reflect::define_property(watch.unchecked_ref::<Object>(), &"result".into(), &property);
    Ok(watch)
}

#[wasm_bindgen]
impl Watch {
    /// Asks for the next poll at the next permitted moment.
    #[wasm_bindgen(skip_typescript)]
    pub fn nudge(&self) {
        self.running.nudge();
    }

    /// The latest progress.
    #[wasm_bindgen(getter, skip_typescript)]
    pub fn progress(&self) -> JsValue {
        let latest = self.feed.latest().or_else(|| self.running.place_in_line());
        latest.map(|latest| update(&latest)).unwrap_or_default()
    }

    /// The poll as a text to go on from.
    #[wasm_bindgen(skip_typescript)]
    pub fn snapshot(&self) -> String {
        self.running.snapshot()
    }

    /// Ends the poll; `result` rejects with `reason`.
    #[wasm_bindgen(skip_typescript)]
    pub fn cancel(&self, reason: JsValue) {
        let reason = if reason.is_undefined() { abort_error() } else { reason };
        self.running.stop(Error::thrown(reason));
    }

    /// Its progress.
    #[wasm_bindgen(js_name = "[Symbol.asyncIterator]", skip_typescript)]
    pub fn iterate(&self) -> WatchIterator {
        WatchIterator {
            running: self.running.clone(),
            feed: self.feed.clone(),
            result: RefCell::new(Some(self.result.get())),
        }
    }
}

/// The progress of a poll, step by step.
#[wasm_bindgen(skip_typescript)]
pub struct WatchIterator {
    running: Running,
    feed: Rc<Feed<()>>,
    /// `None` once the loop was left: the error that it is rejected with then may lead here.
    result: RefCell<Option<Promise>>,
}

#[wasm_bindgen]
impl WatchIterator {
    /// The next progress.
    #[wasm_bindgen(skip_typescript)]
    pub fn next(&self) -> Promise {
        let (feed, result) = (self.feed.clone(), self.result.borrow().clone());
        promise_of(Box::pin(async move {
            let next = std::future::poll_fn(|context| feed.poll_next(context)).await;
            match next {
                Some(Ok(progress)) => Ok(step(false, &update(&progress))),
                // The very error that the result is rejected with.
                Some(Err(())) => Settling::of(&result.into())?.await,
                None => Ok(step(true, &JsValue::UNDEFINED)),
            }
        }))
    }

    /// The loop was left: nobody wants the rest.
    #[wasm_bindgen(js_name = return, skip_typescript)]
    pub fn leave(&self, value: JsValue) -> Promise {
        self.result.take();
        self.running.stop(Error::thrown(abort_error()));
        Promise::resolve(&step(true, &value))
    }
}
