//! The one request of an upload, up to the parsed reply.

use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;

use super::call::UploadCall;
use super::file::{no_blob, unread};
use crate::client::attempt::{NO_RESPONSE, REDIRECTS, not_json, refused, without_fetch};
use crate::client::control::Control;
use crate::client::error::{Error, platform_cause};
use crate::client::waiter::Failed;
use crate::core::arrival::Arrival;
use crate::core::error::{Code, Failure};
use crate::core::events::Kind;
use crate::core::response::said_in;
use crate::core::upload::{Target, read_upload};
use crate::web::fetch::{Exchange, Request, Response, is_redirect};
use crate::web::form::{Content, Outlet, Part, Unread, form};
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

/// The one request of an upload.
pub(super) struct UploadAttempt<'a> {
    pub(super) upload: &'a UploadCall,
    pub(super) target: &'a Target,
    pub(super) parts: &'a [Part],
    pub(super) total_bytes: Option<f64>,
    pub(super) listener: Option<&'a UploadListener>,
    pub(super) token: Option<&'a str>,
}

impl UploadAttempt<'_> {
    /// Sends the files and reads the reply, which it makes certain to be a batch.
    pub(super) async fn send(&self, limit: &mut Timer) -> Result<JsValue, Error> {
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

    /// Tells the listener how far the upload is.
    pub(super) fn report(&self, sent_bytes: f64) -> Result<(), Error> {
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

/// The failure as an error.
pub(super) fn of_failed((failure, cause): Failed) -> Error {
    Error::with_cause(failure, cause)
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
