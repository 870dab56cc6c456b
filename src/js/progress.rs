//! What `onProgress` and the watch's iterator are given.

use js_sys::{Array, Object};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::member::{get, set};
use super::results::files;
use crate::news::News;
use crate::reply::{Counts, Reading};

/// The plain part of a `Progress`. Replies and files are not copied: they join it as the objects they are.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Facts {
    pub(crate) attempt: u32,
    pub(crate) elapsed_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_poll_in_ms: Option<f64>,
    pub(crate) queue_position: usize,
    pub(crate) counts: Counts,
}

/// A `Progress` of `reply`, with the files that became final since the last one.
pub(crate) fn progress(facts: &Facts, reply: &JsValue, reading: &Reading, news: &mut News) -> Result<JsValue, JsValue> {
    let progress = serde_wasm_bindgen::to_value(facts)?;
    let files = files(reply);
    let new_files = Array::new();
    for index in news.of(&reading.final_files) {
        new_files.push(&files.get(index));
    }
    set(&progress, "newFiles", &new_files);
    set(&progress, "results", reply);
    Ok(progress)
}

/// `progress` with the new files of one that nobody read. A copy: others were told of `progress` as it is.
pub(crate) fn with_unread(progress: &JsValue, unread: &JsValue) -> JsValue {
    let merged = Object::assign(&Object::new(), progress.unchecked_ref());
    let new_files = |progress| get(progress, "newFiles").dyn_into::<Array>();
    if let (Ok(earlier), Ok(later)) = (new_files(unread), new_files(progress)) {
        set(&merged, "newFiles", &earlier.concat(&later));
    }
    merged.into()
}
