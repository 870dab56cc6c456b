//! Uploads as JavaScript asks for them.

use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise};
use wasm_bindgen::prelude::*;

use super::batch::target;
use super::options::{Of, call_options, signal, upload_options};
use super::promise::promise;
use super::reader::{Reader, kind_of};
use super::results::update;
use crate::client::error::Error;
use crate::client::options::upload_timeout_ms;
use crate::client::progress::Listener;
use crate::client::session::Session;
use crate::client::upload::file::{is_blob, none, part, unfit};
use crate::client::upload::{Files, UploadListener, UploadProgress, start_upload, start_upload_and_poll};
use crate::core::batch::Endpoint;
use crate::core::upload::Target;
use crate::web::form::Part;
use crate::web::value::{get, set, text};

/// Uploads files.
pub(super) fn upload(
    session: &Rc<Session>,
    to: &JsValue,
    files: &JsValue,
    options: &JsValue,
) -> Result<Promise, Error> {
    let target = target(to, None)?;
    let begun = || {
        let timeout_ms = upload_options(options)?;
        let on_progress = Reader::new(options, "options")?.function("onProgress")?;
        let listener = on_progress.map(|function| upload_listener(function, false));
        Ok((checked(session, target.clone(), files, timeout_ms, listener)?, signal(options)?))
    };
    let (files, signal) = begun().map_err(|error: Error| error.about(target.as_batch(), None))?;
    let (running, result) = start_upload(session, files);
    Ok(promise(running, result, signal))
}

/// Uploads files and polls until they are finished.
pub(super) fn upload_and_poll(
    session: &Rc<Session>,
    to: &JsValue,
    endpoint: Endpoint,
    files: &JsValue,
    options: &JsValue,
) -> Result<Promise, Error> {
    let target = target(to, Some(endpoint))?;
    let begun = || {
        let given = call_options(options, Of::Uploaded)?;
        let read = Reader::new(options, "options")?;
        let timeout_ms = upload_timeout_ms(&read.number("uploadTimeoutMs")?)?;
        let arguments = given.poll(target.as_batch().clone(), &session.config, &Default::default())?;
        let on_progress = read.function("onProgress")?;
        let listener = on_progress.clone().map(|function| upload_listener(function, true));
        let files = checked(session, target.clone(), files, timeout_ms, listener)?;
        Ok((files, arguments, on_progress.map(results_listener), signal(options)?))
    };
    let begun = begun().map_err(|error: Error| error.about(target.as_batch(), None));
    let (files, arguments, listener, signal) = begun?;
    let (running, result) = start_upload_and_poll(session, files, arguments, listener);
    Ok(promise(running, result, signal))
}

fn checked(
    session: &Session,
    target: Target,
    files: &JsValue,
    timeout_ms: f64,
    listener: Option<UploadListener>,
) -> Result<Files, Error> {
    session.config.ready()?;
    Ok(Files { target, parts: parts(files)?, timeout_ms, listener })
}

/// The files, of a list of them or one alone.
fn parts(files: &JsValue) -> Result<Vec<Part>, Error> {
    let is_one = is_blob(files) || !get(files, "data").is_undefined();
    // Of a text the files would be letters.
    let list = if is_one {
        Array::of1(files)
    } else if files.is_object() {
        list_of(files).map_err(Error::thrown)?
    } else {
        return Err(unfit(0, &kind_of(files)));
    };
    if list.length() == 0 {
        return Err(none());
    }
    list.iter().enumerate().map(|(index, file)| file_part(index, &file)).collect()
}

fn file_part(index: usize, file: &JsValue) -> Result<Part, Error> {
    let name = text(file, "name").unwrap_or_default();
    if is_blob(file) {
        // Bun's files are called by their path.
        let slash = name.bytes().rposition(|byte| byte == b'/').map_or(0, |slash| slash + 1);
        return part(index, name.get(slash..).unwrap_or_default().into(), file);
    }
    if !file.is_object() {
        return Err(unfit(index, &kind_of(file)));
    }
    part(index, name, &get(file, "data"))
}

fn upload_listener(function: Function, says_phase: bool) -> UploadListener {
    Rc::new(move |UploadProgress { sent_bytes, total_bytes, .. }, control| {
        let progress = Object::new().into();
        if says_phase {
            set(&progress, "phase", &"upload".into());
        }
        set(&progress, "sentBytes", &sent_bytes.into());
        if let Some(total_bytes) = total_bytes {
            set(&progress, "totalBytes", &total_bytes.into());
        }
        let returned = function.call1(&JsValue::UNDEFINED, &progress).map_err(Error::thrown)?;
        control.heed(&returned);
        Ok(())
    })
}

fn results_listener(function: Function) -> Listener {
    Rc::new(move |progress, control| {
        let progress = update(&progress);
        set(&progress, "phase", &"results".into());
        let returned = function.call1(&JsValue::UNDEFINED, &progress).map_err(Error::thrown)?;
        control.heed(&returned);
        Ok(())
    })
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = Array, js_name = from)]
    fn list_of(value: &JsValue) -> Result<Array, JsValue>;
}
