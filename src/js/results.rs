//! The reply made certain: `done` is set and `files` is an array. All else stays as the API sent it.

use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;

use super::member::{copy, entries, get, is_array, set};

/// Sets `done` and `files` on the parsed reply itself and returns it; a copy only where it refuses them, being frozen.
pub(crate) fn made_certain(reply: JsValue, done: bool) -> JsValue {
    if set_certain(&reply, done) {
        return reply;
    }
    let reply = copy(&reply);
    set_certain(&reply, done);
    reply
}

fn set_certain(reply: &JsValue, done: bool) -> bool {
    let files = get(reply, "files");
    (is_array(&files) || set(reply, "files", &keyed_files(&files))) && set(reply, "done", &done.into())
}

/// The file at a position of a certain reply.
pub(crate) fn file(reply: &JsValue, index: u32) -> JsValue {
    Reflect::get_u32(&get(reply, "files"), index).unwrap_or(JsValue::UNDEFINED)
}

/// `files` as an object: its values, the key filling a missing `fileId`.
fn keyed_files(files: &JsValue) -> Array {
    let list = Array::new();
    for entry in entries(files).unwrap_or_default().iter() {
        let entry: Array = entry.unchecked_into();
        let (key, file) = (entry.get(0), entry.get(1));
        if file.is_object() && get(&file, "fileId").is_undefined() {
            set(&file, "fileId", &key);
        }
        list.push(&file);
    }
    list
}
