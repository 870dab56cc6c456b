//! The arguments of a call, put together from a batch or a snapshot and from options.

use wasm_bindgen::prelude::*;

use super::batch::ids;
use super::options::{Of, call_options, fetch, listener, signal};
use super::reader::Reader;
use crate::client::error::Error;
use crate::client::many::StartArguments;
use crate::client::number::Given;
use crate::client::options::{CallArguments, CallOptions};
use crate::client::progress::Listener;
use crate::client::session::Session;
use crate::core::batch::Endpoint;
use crate::core::error::{Code, Failure};
use crate::web::abort::Signal;
use crate::web::value::{get, is_array};

/// A single request about a batch, who receives its progress, and what ends it.
pub(super) fn single_request(
    session: &Session,
    batch: &JsValue,
    endpoint: Endpoint,
    options: &JsValue,
) -> Result<(CallArguments, Option<Listener>, Option<Signal>), Error> {
    let batch = ids(batch, Some(endpoint))?;
    let arguments = CallOptions::for_single_request(options).and_then(|given| {
        let arguments =
            CallArguments { fetch: fetch(options)?, ..given.single_request(batch.clone(), &session.config)? };
        Ok((arguments, listener(options)?, signal(options)?))
    });
    arguments.map_err(|error| error.about(&batch, None))
}

/// A poll of a batch. A job among many brings hints of its own.
pub(super) fn poll(session: &Session, batch: &JsValue, options: &JsValue) -> Result<StartArguments, Error> {
    let ids = ids(batch, None)?;
    let given = call_options(options, Of::Poll).and_then(|given| hints(batch, given));
    let given = given.map_err(|error| error.about(&ids, None))?;
    Ok((given.poll(ids, &session.config, &Default::default())?, None))
}

/// A poll that goes on from a snapshot.
pub(super) fn resumed(session: &Session, snapshot: &JsValue, options: &JsValue) -> Result<StartArguments, Error> {
    resumed_by(session, snapshot, call_options(options, Of::Resumed)?)
}

/// A job among many: a batch, or a snapshot to go on from.
pub(super) fn job(session: &Session, job: &JsValue, options: &JsValue) -> Result<StartArguments, Error> {
    let snapshot = Reader::new(job, "batch")?.get("snapshot")?;
    if snapshot.is_undefined() {
        return poll(session, job, options);
    }
    resumed_by(session, &snapshot, hints(job, call_options(options, Of::Poll)?)?)
}

fn resumed_by(session: &Session, snapshot: &JsValue, given: CallOptions) -> Result<StartArguments, Error> {
    let text = snapshot.as_string().ok_or_else(|| Error::from(Failure::new(Code::InvalidSnapshot)))?;
    let (arguments, saved) = given.resume(&text, &session.config)?;
    Ok((arguments, Some(saved)))
}

/// How many files a batch lists, as the reply to an upload does.
fn files_listed(batch: &JsValue) -> Given {
    let files = get(batch, "files");
    let length = if is_array(&files) { get(&files, "length").as_f64() } else { None };
    length.filter(|length| *length > 0.0).map_or(Given::Nothing, Given::Number)
}

/// The options of a job's poll: its own hints go before those of all.
fn hints(job: &JsValue, options: CallOptions) -> Result<CallOptions, Error> {
    let read = Reader::new(job, "batch")?;
    Ok(CallOptions {
        expected_files: read.number("expectedFiles")?.or(options.expected_files).or(files_listed(job)),
        priority: read.number("priority")?.or(options.priority),
        ..options
    })
}
