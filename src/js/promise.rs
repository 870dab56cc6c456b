//! Calls as promises. Those that are pending are listed in JavaScript, so that they can be ended when the wasm no longer can.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Map, Promise};
use wasm_bindgen::prelude::*;

use super::error::into_js;
use crate::client::control::Controlled;
use crate::client::error::Error;
use crate::client::feed::Feed;
use crate::client::running::Running;
use crate::web::abort::Signal;
use crate::web::{LocalFuture, task};

thread_local! {
    static PENDING: Map = Map::new();
}

/// The promises that are pending, each with the function that rejects it. For whoever loads the wasm: should it trap, nothing
/// else ends them.
#[wasm_bindgen(js_name = pendingPromises, skip_typescript)]
pub fn pending_promises() -> Map {
    PENDING.with(Clone::clone)
}

/// A promise rejected with an error.
pub(super) fn rejected(error: Error) -> Promise {
    Promise::reject(&into_js(error))
}

/// The promise of a call. It begins once the code that asked for it has run, which may yet want to end it; it ends with
/// `signal.reason` once the signal is aborted.
pub(super) fn promise(running: Running, result: Controlled, signal: Option<Signal>) -> Promise {
    promise_with(running, result, signal, None)
}

/// The same; the feed first receives how it ended.
pub(super) fn promise_with(
    running: Running,
    result: Controlled,
    signal: Option<Signal>,
    feed: Option<Rc<Feed<()>>>,
) -> Promise {
    let listening = signal.and_then(|signal| {
        if signal.is_aborted() {
            running.stop(Error::thrown(signal.why()));
            return None;
        }
        let aborted = signal.clone();
        Some(signal.listen(move || running.stop(Error::thrown(aborted.why()))))
    });
    promise_of(Box::pin(async move {
        let result = result.await;
        // Before the promise settles, so that no listener is left by then.
        drop(listening);
        let result = result.map_err(into_js);
        if let Some(feed) = feed {
            feed.end(result.is_err().then_some(()));
        }
        result
    }))
}

/// The promise of a future, which begins once the code that runs now has ended.
pub(super) fn promise_of(future: LocalFuture<'static, Result<JsValue, JsValue>>) -> Promise {
    let settle = RefCell::new(None);
    let promise = Promise::new(&mut |resolve: Function, reject: Function| {
        settle.replace(Some((resolve, reject)));
    });
    if let Some((resolve, reject)) = settle.take() {
        PENDING.with(|pending| pending.set(&promise, &reject));
        let settled = promise.clone();
        task::spawn_soon(Box::pin(async move {
            let result = future.await;
            PENDING.with(|pending| pending.delete(&settled));
            let _ = match result {
                Ok(value) => resolve.call1(&JsValue::UNDEFINED, &value),
                Err(error) => reject.call1(&JsValue::UNDEFINED, &error),
            };
        }));
    }
    promise
}

/// Iterating is enough: a promise that nobody awaits must not count as an unhandled rejection.
pub(super) fn may_go_unawaited(promise: &JsValue) {
    let _ = Promise::all_settled(&js_sys::Array::of1(promise));
}
