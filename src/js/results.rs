//! The reply made certain: `done` is set and `files` is an array. All else stays as the API sent it.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;

use super::member::{get, set};

/// Sets `done` and `files` on the parsed reply itself.
pub(crate) fn make_certain(reply: &JsValue, done: bool) {
    let files = get(reply, "files");
    if !Array::is_array(&files) {
        set(reply, "files", &keyed_files(&files));
    }
    set(reply, "done", &done.into());
}

/// The files of a certain reply.
pub(crate) fn files(reply: &JsValue) -> Array {
    get(reply, "files").dyn_into().unwrap_or_default()
}

/// `files` as an object: its values, the key filling a missing `fileId`.
fn keyed_files(files: &JsValue) -> Array {
    let Some(keyed) = files.dyn_ref::<Object>() else { return Array::new() };
    let list = Array::new();
    for key in Object::keys(keyed).iter() {
        let file = Reflect::get(keyed, &key).unwrap_or(JsValue::UNDEFINED);
        if file.is_object() && get(&file, "fileId").is_undefined() {
            set(&file, "fileId", &key);
        }
        list.push(&file);
    }
    list
}
