//! Uploading files: one request, which is never repeated, and then perhaps a poll of the batch that it made.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;

use super::attempt::{NO_RESPONSE, REDIRECTS, not_json, refused, without_fetch};
use super::call::{Running, next_number};
use super::control::{Control, Controlled};
use super::driver::fresh_token;
use super::error::{Error, platform_cause};
use super::options::CallArguments;
use super::progress::Listener;
use super::session::Session;
use super::start::start;
use super::upload_file::{no_blob, unread};
use super::waiter::Failed;
use crate::core::arrival::Arrival;
use crate::core::batch::{Batch, Endpoint};
use crate::core::error::{Code, Failure};
use crate::core::events::{Ending, Event, Kind};
use crate::core::response::said_in;
use crate::core::upload::{Target, has_known_extension, read_upload};
use crate::web::fetch::{Exchange, Request, Response, is_redirect};
use crate::web::form::{Content, Outlet, Part, Unread, form, sends_streams};
use crate::web::reply::Parsed;
use crate::web::timer::{Timer, within};
use crate::web::value::{get, set, text};
use crate::web::{LocalFuture, clock};

/// How far an upload is.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct UploadProgress {
    /// Bytes of the files that were handed to the platform. Of a stream, each piece is reported; of all else, the end.
    pub sent_bytes: f64,
    /// Bytes of all files; `None` where one of them is a stream.
    pub total_bytes: Option<f64>,
}

/// Receives the progress of an upload. An error ends it.
pub(crate) type UploadListener = Rc<dyn Fn(UploadProgress, &Rc<Control>) -> Result<(), Error>>;

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

fn begin(session: &Rc<Session>, files: Files) -> (Rc<Upload>, Controlled) {
    let entry = session.enter();
    let control = entry.control.clone();
    let now = clock::now();
    let upload = Rc::new(Upload {
        session: session.clone(),
        control: control.clone(),
        number: next_number(),
        batch: RefCell::new(files.target.as_batch().clone()),
        started_at: now,
        arrival: Cell::new(Arrival::NotTaken),
        attempts: Cell::default(),
        http_status: Cell::default(),
    });
    let (driven, settled, settle_by) = (upload.clone(), upload.clone(), now + files.timeout_ms);
    let run = Box::pin(async move {
        let _entry = entry;
        driven.run(files).await
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

/// An upload on its way.
struct Upload {
    session: Rc<Session>,
    control: Rc<Control>,
    number: u32,
    /// Of which the id is empty until there is one.
    batch: RefCell<Batch>,
    started_at: f64,
    /// How far the files have come, should it end now.
    arrival: Cell<Arrival>,
    attempts: Cell<u32>,
    /// Of the response, once its head is there; 0 until then.
    http_status: Cell<u16>,
}

impl Upload {
    async fn run(&self, files: Files) -> Result<JsValue, Error> {
        self.control.check()?;
        for (index, part) in (0..).zip(&files.parts) {
            if !has_known_extension(&part.name) {
                self.emit(Kind::Warning(index), None);
            }
        }
        let mut limit = Timer::new(self.started_at + files.timeout_ms);
        let token = self.token().await.map_err(of_failed)?;
        let Files { target, parts, listener, .. } = files;
        let parts = within(&mut limit, Box::pin(collected(parts))).await;
        let parts = parts.unwrap_or_else(|| Err(self.failed(Code::RequestTimeout).0.into()))?;
        let sending = Sending {
            upload: self,
            total_bytes: parts.iter().map(Part::bytes).sum(),
            target: &target,
            parts: &parts,
            listener: listener.as_ref(),
            token: token.as_deref(),
        };
        sending.report(0.0)?;
        let reply = Box::pin(sending.send(&mut limit)).await?;
        Ok(reply)
    }

    async fn token(&self) -> Result<Option<Rc<str>>, Failed> {
        let config = &self.session.config;
        let Some(provider) = config.functions().token.clone() else { return Ok(None) };
        let answer_by = clock::now() + config.request_timeout_ms;
        fresh_token(self.endpoint(), &*provider, self.session.renew_token.take(), answer_by).await.map(Some)
    }

    fn endpoint(&self) -> Endpoint {
        self.batch.borrow().endpoint
    }

    fn emit(&self, kind: Kind, attempt: Option<u32>) {
        let batch = self.batch.borrow().clone();
        self.session.emit(&Event { kind, batch: &batch, poll_id: self.number, attempt, is_upload: true });
    }

    /// What it has come to, with what is known of it. `None`: nobody wants it any more.
    fn settled(&self, result: Option<Result<JsValue, Error>>) -> Result<JsValue, Error> {
        let ending = match &result {
            Some(Ok(_)) => Ending::Done,
            Some(Err(error)) if error.code() != Code::Thrown => Ending::Failed(error.code()),
            Some(Err(_)) | None => Ending::Cancelled,
        };
        let elapsed_ms = clock::now() - self.started_at;
        self.emit(Kind::Settled { ending, attempts: self.attempts.get(), elapsed_ms }, None);
        result.unwrap_or_else(|| Err(Error::closed())).map_err(|error| self.complete(error))
    }

    /// The error as that of this upload, or of what follows it.
    fn complete(&self, error: Error) -> Error {
        let url = self.session.config.upload_url(self.endpoint());
        error.about(&self.batch.borrow(), Some(url)).uploading(self.arrival.get())
    }

    /// A failure of its own, in words that fit an upload.
    fn failed(&self, code: Code) -> Failed {
        let detail = match code {
            Code::Network => Some(
                "The upload got no answer. Check the connection and baseUrl; in a browser, also that the server allows this origin (CORS).",
            ),
            Code::RequestTimeout => Some("The upload took longer than uploadTimeoutMs."),
            Code::Server => Some("The server failed to answer the upload."),
            _ => None,
        };
        let detail = detail.map(Into::into);
        // A limit that is over says nothing of the response.
        let http_status = Some(self.http_status.get()).filter(|status| *status != 0 && code != Code::RequestTimeout);
        (Failure { endpoint: Some(self.endpoint()), http_status, detail, ..Failure::new(code) }.into(), None)
    }
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

fn of_failed((failure, cause): Failed) -> Error {
    Error::with_cause(failure, cause)
}

/// The one request of an upload.
struct Sending<'a> {
    upload: &'a Upload,
    target: &'a Target,
    parts: &'a [Part],
    total_bytes: Option<f64>,
    listener: Option<&'a UploadListener>,
    token: Option<&'a str>,
}

impl Sending<'_> {
    /// Sends the files and reads the reply, which it makes certain to be a batch.
    async fn send(&self, limit: &mut Timer) -> Result<JsValue, Error> {
        let upload = self.upload;
        let config = &upload.session.config;
        let headers = config.headers(self.token);
        let is_stream = self.parts.iter().any(|part| matches!(part.content, Content::Stream(_)));
        let mut outlet = if is_stream { Some(Outlet::new().map_err(Error::thrown)?) } else { None };
        let body = match &outlet {
            Some(outlet) => {
                set(&headers, "content-type", &outlet.content_type.as_str().into());
                outlet.body.clone()
            }
            None => {
                // The platform adds it, with the boundary that it draws.
                let _ = Reflect::delete_property(headers.unchecked_ref::<Object>(), &"content-type".into());
                form(self.target.fields(), self.parts).map_err(|_| no_blob())?.into()
            }
        };
        let url = config.upload_url(upload.endpoint());
        let functions = config.functions();
        let fetch = functions.fetch.as_ref();
        let request = Request { url, headers: &headers, body: &body, is_stream, is_large: true, fetch };
        upload.attempts.set(1);
        let started_at = clock::now();
        upload.emit(Kind::Request, Some(1));
        upload.control.check()?;
        if !is_stream {
            upload.arrival.set(Arrival::Possible);
        }
        let mut exchange = match Exchange::send(&request) {
            Ok(exchange) => exchange,
            Err(error) => {
                upload.arrival.set(Arrival::NotTaken);
                let failed = without_fetch(fetch).map_or_else(|| self.network(&error), |failure| (failure, None));
                return Err(self.unanswered(failed, started_at));
            }
        };
        let mut writing = outlet.as_mut().map(|outlet| self.writing(outlet));
        let answered = within(limit, answer(&mut exchange, &mut writing)).await;
        let response = match answered {
            Some(Ok(response)) => Response::new(response),
            Some(Err(Unanswered::Unread(why))) => return Err(self.unanswered(unread(why).into_parts(), started_at)),
            Some(Err(Unanswered::Ended(error))) => return Err(error),
            Some(Err(Unanswered::Failed(error))) => {
                exchange.end();
                return Err(self.unanswered(self.network(&error), started_at));
            }
            None => return Err(self.unanswered(upload.failed(Code::RequestTimeout), started_at)),
        };
        let refusal = self.head(&response, started_at).map_err(of_failed)?;
        let body = if refusal.is_none() || response.speaks("json") {
            match response.json() {
                Ok(body) => within(limit, body).await,
                Err(error) => Some(Err(error)),
            }
        } else {
            None
        };
        if body.is_some() {
            exchange.end();
        }
        let reply = self.conclude(&response, refusal, body).map_err(of_failed)?;
        upload.control.check()?;
        Ok(reply)
    }

    /// Writes the files that the platform cannot put into a form by itself.
    fn writing<'b>(&'b self, outlet: &'b mut Outlet) -> LocalFuture<'b, Result<(), Unanswered>> {
        Box::pin(async move {
            let mut reported = Ok(());
            let report = |sent_bytes| {
                self.upload.arrival.set(Arrival::Possible);
                reported = self.report(sent_bytes).and_then(|()| self.upload.control.check());
                reported.is_ok()
            };
            let written = outlet.write(self.target.fields(), self.parts, report).await;
            reported.map_err(Unanswered::Ended)?;
            written.map_err(Unanswered::Unread)
        })
    }

    /// Takes in the response's head: the refusal that it is, if any.
    fn head(&self, response: &Response, started_at: f64) -> Result<Option<Box<Failure>>, Failed> {
        let upload = self.upload;
        let now = clock::now();
        let Some(http_status) = response.status() else {
            let (failure, cause) = upload.failed(Code::UnexpectedReply);
            return Err((Failure { detail: Some(NO_RESPONSE.into()), ..*failure }.into(), cause));
        };
        upload.http_status.set(http_status);
        upload.emit(Kind::Response { http_status, duration_ms: (now - started_at).ceil() }, Some(1));
        let Some(code) = Code::of_http_status(http_status) else { return Ok(None) };
        // What a server refuses it has not taken. One that failed may have.
        if code != Code::Server {
            upload.arrival.set(Arrival::NotTaken);
        }
        upload.session.renew_token.set(code == Code::Unauthenticated);
        let (mut failure, _) = upload.failed(code);
        if http_status == 413 {
            let detail = "The server takes no upload of this size. Upload fewer files at once, or smaller ones.";
            failure.detail = Some(detail.into());
        }
        let has_key = self.token.or(upload.session.config.key()).is_some();
        Ok(Some(refused(failure, response, has_key)))
    }

    /// Puts head and body together: the reply, or what went wrong.
    fn conclude(
        &self,
        response: &Response,
        refusal: Option<Box<Failure>>,
        body: Option<Result<JsValue, JsValue>>,
    ) -> Result<JsValue, Failed> {
        let upload = self.upload;
        if let Some(mut failure) = refusal {
            if let Some(Ok(body)) = body {
                failure.server_message = said_in(&Parsed(body), Some(&self.secrets()));
            }
            return Err((failure, None));
        }
        let reply = match body {
            Some(Ok(reply)) => reply,
            None => return Err(upload.failed(Code::RequestTimeout)),
            Some(Err(error)) if text(&error, "name").as_deref() == Some("SyntaxError") => {
                return Err((not_json(upload.failed(Code::NotJson).0, response, &self.secrets()), None));
            }
            Some(Err(error)) => return Err(self.network(&error)),
        };
        let batch_id = read_upload(&Parsed(reply.clone()), &|| Some(self.secrets())).map_err(|mut failure| {
            failure.endpoint = Some(upload.endpoint());
            failure.http_status = Some(upload.http_status.get());
            (if failure.code == Code::NotJson { not_json(failure, response, &self.secrets()) } else { failure }, None)
        })?;
        // The reply is a batch to poll. What is missing of its ids is known here.
        let mut batch = upload.batch.borrow_mut();
        let member = batch.endpoint.template_member();
        if get(&reply, member).is_undefined() {
            set(&reply, member, &batch.template_id.as_str().into());
        }
        batch.batch_id = batch_id;
        drop(batch);
        upload.arrival.set(Arrival::Certain);
        if let Some(total_bytes) = self.total_bytes {
            self.report(total_bytes).map_err(Error::into_parts)?;
        }
        Ok(reply)
    }

    fn report(&self, sent_bytes: f64) -> Result<(), Error> {
        let progress = UploadProgress { sent_bytes, total_bytes: self.total_bytes };
        self.listener.map_or(Ok(()), |listener| listener(progress, &self.upload.control))
    }

    fn secrets(&self) -> String {
        self.upload.session.config.secrets(self.token)
    }

    fn network(&self, error: &JsValue) -> Failed {
        if is_redirect(error) {
            self.upload.arrival.set(Arrival::NotTaken);
            let (failure, _) = self.upload.failed(Code::BadRequest);
            return (Failure { detail: Some(REDIRECTS.into()), ..*failure }.into(), None);
        }
        let cause = platform_cause(error, &self.secrets());
        // These say that there was no connection to send anything on.
        let nobody = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ConnectionRefused"];
        if text(&cause, "code").is_some_and(|code| nobody.contains(&code.as_str())) {
            self.upload.arrival.set(Arrival::NotTaken);
        }
        (self.upload.failed(Code::Network).0, Some(cause))
    }

    fn unanswered(&self, failed: Failed, started_at: f64) -> Error {
        let duration_ms = (clock::now() - started_at).ceil();
        self.upload.emit(Kind::Failure { code: failed.0.code, duration_ms }, Some(1));
        of_failed(failed)
    }
}

/// Why a request got no response.
enum Unanswered {
    Failed(JsValue),
    Unread(Unread),
    /// Whoever listens ended it.
    Ended(Error),
}

/// Waits for the response's head, and meanwhile writes what is to be sent.
fn answer<'a>(
    exchange: &'a mut Exchange,
    writing: &'a mut Option<LocalFuture<'_, Result<(), Unanswered>>>,
) -> LocalFuture<'a, Result<JsValue, Unanswered>> {
    Box::pin(std::future::poll_fn(move |context| {
        if let Some(write) = writing
            && let Poll::Ready(written) = write.as_mut().poll(context)
        {
            *writing = None;
            if let Err(why) = written {
                return Poll::Ready(Err(why));
            }
        }
        Pin::new(exchange.response()).poll(context).map_err(Unanswered::Failed)
    }))
}
