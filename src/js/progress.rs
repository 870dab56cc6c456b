//! What `onProgress` and the watch's iterator are given.

use js_sys::Array;
use wasm_bindgen::prelude::*;

use super::member::{object, set};
use super::results::file;
use crate::fields::Fields;

/// A `Progress` of `reply`, with the files at the positions `fresh`. Replies and files are not copied: they join the facts as
/// the objects they are.
pub(crate) fn progress(facts: &Fields<'_>, reply: &JsValue, fresh: &[u32]) -> JsValue {
    let progress = object(facts);
    let new_files = Array::new();
    for index in fresh {
        new_files.push(&file(reply, *index));
    }
    set(&progress, "newFiles", &new_files);
    set(&progress, "results", reply);
    progress
}
