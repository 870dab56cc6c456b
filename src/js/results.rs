//! The reply in JavaScript's hands: counted, made certain, told of.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/js/results.js")]
extern "C" {
    /// Which files became final since the last look.
    pub(crate) type News;

    #[wasm_bindgen(constructor)]
    pub(crate) fn new() -> News;

    /// A `Progress` of `reply`. Replies and files are not copied: they join the facts as the objects they are.
    #[wasm_bindgen(method)]
    pub(crate) fn progress(this: &News, facts: &JsValue, reply: &JsValue, finals: &[u8]) -> JsValue;

    /// The number of a JSON value's kind, in the order of [`Kind::ALL`](crate::reply::Kind::ALL).
    #[wasm_bindgen(js_name = kindOf)]
    pub(crate) fn kind_of(value: &JsValue) -> u32;

    /// Status, how many files have it, and so on; none where the files cannot be had.
    pub(crate) fn tally(files: &JsValue) -> Option<Vec<JsValue>>;

    /// The reply with `done` and `files` set.
    #[wasm_bindgen(js_name = madeCertain)]
    pub(crate) fn made_certain(reply: &JsValue, done: bool) -> JsValue;
}
