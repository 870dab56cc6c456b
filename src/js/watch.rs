//! A running poll as JavaScript holds it: watched, many at once, linked extractions followed. What is a matter of JavaScript
//! (async iteration, promises put together) is written in it.

use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

use super::call::abort_error;
use super::error::Stop;
use super::run::Run;

#[wasm_bindgen(module = "/src/js/watch.js")]
extern "C" {
    /// A poll that is watched: an async iterable of progress.
    pub type Watch;

    /// The finished batch.
    #[wasm_bindgen(method, getter)]
    pub fn result(this: &Watch) -> Promise;

    /// Asks for the next poll at the next permitted moment.
    #[wasm_bindgen(method)]
    pub fn nudge(this: &Watch);

    /// The poll as a text to go on from.
    #[wasm_bindgen(method)]
    pub fn snapshot(this: &Watch) -> String;

    /// Ends the poll; `result` rejects with `reason`.
    #[wasm_bindgen(method)]
    pub fn cancel(this: &Watch, reason: &JsValue);

    /// What a poll needs to be watched: `{ tell(progress), begin(poll, result) }`.
    pub(crate) fn watching(on_progress: Option<&Function>) -> JsValue;
}

#[wasm_bindgen(module = "/src/js/many.js")]
extern "C" {
    #[wasm_bindgen(js_name = pollMany)]
    pub(crate) fn poll_many(client: JsValue, jobs: &JsValue, options: &JsValue) -> JsValue;
}

#[wasm_bindgen(module = "/src/js/follow.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    pub(crate) fn follow(
        client: JsValue,
        method: &str,
        subject: &JsValue,
        options: &JsValue,
        timeout_ms: f64,
        tell: Option<&Function>,
    ) -> Result<JsValue, JsValue>;
}

/// A poll that runs.
#[wasm_bindgen(skip_typescript)]
pub struct RunningPoll {
    run: Rc<Run>,
}

impl RunningPoll {
    // Without its promise: what the wasm holds, no garbage collector looks through, and a promise that was rejected leads
    // to an error, whose stack may lead to the watch and back here.
    pub(crate) fn new(run: Rc<Run>) -> Self {
        Self { run }
    }
}

#[wasm_bindgen]
impl RunningPoll {
    /// Asks for the next poll at the next permitted moment.
    #[wasm_bindgen(skip_typescript)]
    pub fn nudge(&self) {
        self.run.nudge();
    }

    /// The poll as a text to go on from.
    #[wasm_bindgen(skip_typescript)]
    pub fn snapshot(&self) -> String {
        self.run.snapshot()
    }

    /// Ends the poll; `result` rejects with `reason`.
    #[wasm_bindgen(skip_typescript)]
    pub fn cancel(&self, reason: JsValue) {
        self.run.stop(Stop::Thrown(if reason.is_undefined() { abort_error() } else { reason }));
    }
}
