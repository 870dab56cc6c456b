//! The reply made certain: `done` is set and `files` is an array. All else stays as the API sent it.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;

/// Sets `done` and `files` on the parsed reply itself.
pub(crate) fn make_certain(reply: &JsValue, done: bool) {
    let files = Reflect::get(reply, &"files".into()).unwrap_or(JsValue::UNDEFINED);
    if !Array::is_array(&files) {
        set(reply, "files", &keyed_files(&files));
    }
    set(reply, "done", &done.into());
}

/// The files of a certain reply.
pub(crate) fn files(reply: &JsValue) -> Array {
    Reflect::get(reply, &"files".into()).ok().and_then(|files| files.dyn_into().ok()).unwrap_or_default()
}

/// `files` as an object: its values, the key filling a missing `fileId`.
fn keyed_files(files: &JsValue) -> Array {
    let Some(keyed) = files.dyn_ref::<Object>() else { return Array::new() };
    let list = Array::new();
    for key in Object::keys(keyed).iter() {
        let file = Reflect::get(keyed, &key).unwrap_or(JsValue::UNDEFINED);
        if Reflect::get(&file, &"fileId".into()).is_ok_and(|id| id.is_undefined()) {
            set(&file, "fileId", &key);
        }
        list.push(&file);
    }
    list
}

/// A parsed reply is a plain object, so this cannot be refused.
fn set(object: &JsValue, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &name.into(), value);
}
