//! Uploading files: one request, which is never repeated, and then perhaps a poll of the batch that it made.

mod attempt;
mod call;
pub(crate) mod file;

use std::rc::Rc;

use wasm_bindgen::JsValue;

use self::attempt::{UploadAttempt, of_failed};
use self::call::UploadCall;
use self::file::unread;
use super::control::Controlled;
use super::error::Error;
use super::options::CallArguments;
use super::progress::Listener;
use super::running::Running;
use super::session::Session;
use super::start::start;
use super::token::fresh_token;
use super::waiter::Failed;
use crate::core::error::Code;
use crate::core::events::Kind;
use crate::core::upload::{Target, has_known_extension};
use crate::web::clock;
use crate::web::form::{Part, sends_streams};
use crate::web::timer::{Timer, within};

pub(crate) use self::attempt::UploadListener;
pub use self::attempt::UploadProgress;

/// What is to be uploaded, checked.
pub(crate) struct Files {
    pub(crate) target: Target,
    pub(crate) parts: Vec<Part>,
    pub(crate) timeout_ms: f64,
    pub(crate) listener: Option<UploadListener>,
}

/// Starts an upload: what reaches it, and the API's reply that it comes to.
pub(crate) fn start_upload(session: &Rc<Session>, files: Files) -> (Running, Controlled) {
    let (upload, result) = begin(session, files);
    (Running::without_poll(upload.control.clone()), result)
}

fn begin(session: &Rc<Session>, files: Files) -> (Rc<UploadCall>, Controlled) {
    let entry = session.enter();
    let control = entry.control.clone();
    let upload = Rc::new(UploadCall::new(session, control.clone(), files.target.as_batch().clone()));
    let (driven, settled, settle_by) = (upload.clone(), upload.clone(), upload.started_at + files.timeout_ms);
    let run = Box::pin(async move {
        let _entry = entry;
        drive(&driven, files).await
    });
    (upload, control.run(run, settle_by, Box::new(move |result| settled.settled(result))))
}

/// The same, and then the poll of its batch. `arguments` are those of the poll, except for the batch, which is not known yet.
pub(crate) fn start_upload_and_poll(
    session: &Rc<Session>,
    files: Files,
    arguments: CallArguments,
    listener: Option<Listener>,
) -> (Running, Controlled) {
    let entry = session.enter();
    let (control, session) = (entry.control.clone(), session.clone());
    let count = files.parts.len();
    let settle_by = clock::now() + files.timeout_ms + arguments.plan.timeout_ms;
    let (upload, uploading) = begin(&session, files);
    let (uploaded, listening) = (upload.clone(), control.clone());
    let listener = listener.map(|listener| {
        // What it gives is heeded by the whole.
        let listener: Listener = Rc::new(move |update, _| {
            listener(update, &listening)?;
            listening.check()
        });
        listener
    });
    let run = Box::pin(async move {
        let _entry = entry;
        uploading.await?;
        let batch = uploaded.batch.borrow().clone();
        let mut arguments = CallArguments { batch, ..arguments };
        if arguments.hints.expected_files == 0.0 {
            arguments.hints.expected_files = count as f32;
        }
        start(&session, arguments, None, listener).1.await
    });
    let complete = move |result: Option<Result<JsValue, Error>>| {
        result.unwrap_or_else(|| Err(Error::closed())).map_err(|error| upload.complete(error))
    };
    (Running::without_poll(control.clone()), control.run(run, settle_by, Box::new(complete)))
}

/// Takes an upload to its end: checks, key, files, the one request.
async fn drive(upload: &UploadCall, files: Files) -> Result<JsValue, Error> {
    upload.control.check()?;
    for (index, part) in (0..).zip(&files.parts) {
        if !has_known_extension(&part.name) {
            upload.emit(Kind::Warning(index), None);
        }
    }
    let mut limit = Timer::new(upload.started_at + files.timeout_ms);
    let token = token(upload).await.map_err(of_failed)?;
    let Files { target, parts, listener, .. } = files;
    let parts = within(&mut limit, Box::pin(collected(parts))).await;
    let parts = parts.unwrap_or_else(|| Err(upload.failed(Code::RequestTimeout).0.into()))?;
    let attempt = UploadAttempt {
        upload,
        total_bytes: parts.iter().map(Part::bytes).sum(),
        target: &target,
        parts: &parts,
        listener: listener.as_ref(),
        token: token.as_deref(),
    };
    attempt.report(0.0)?;
    Box::pin(attempt.send(&mut limit)).await
}

/// A key that a provider gives for this upload.
async fn token(upload: &UploadCall) -> Result<Option<Rc<str>>, Failed> {
    let config = &upload.session.config;
    let Some(provider) = config.functions().token.clone() else { return Ok(None) };
    let answer_by = clock::now() + config.request_timeout_ms;
    fresh_token(upload.endpoint(), &*provider, upload.session.renew_token.take(), answer_by).await.map(Some)
}

/// Has streams read where the platform does not send them.
async fn collected(parts: Vec<Part>) -> Result<Vec<Part>, Error> {
    if sends_streams() {
        return Ok(parts);
    }
    let mut read = Vec::new();
    for part in parts {
        read.push(part.collected().await.map_err(unread)?);
    }
    Ok(read)
}
