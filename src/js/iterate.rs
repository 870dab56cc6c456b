//! The steps of an async iteration.

use js_sys::Object;
use wasm_bindgen::prelude::*;

use crate::web::value::set;

/// `{ done, value }`.
pub(super) fn step(done: bool, value: &JsValue) -> JsValue {
    let step = Object::new();
    set(&step, "done", &done.into());
    set(&step, "value", value);
    step.into()
}
