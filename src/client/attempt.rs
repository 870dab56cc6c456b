//! One attempt: a request in the slot that was taken for it, up to the parsed reply. It reports; whether to try again is decided
//! elsewhere.

use std::rc::Rc;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::call::Call;
use super::error::platform_cause;
use super::place::Place;
use super::shared_pacing::GRANTED_TOO_LATE;
use super::waiter::{Answer, Failed};
use crate::core::error::{Code, Failure, server_message};
use crate::core::events::Kind;
use crate::core::held::{is_state, preference};
use crate::core::response::{read, said_in};
use crate::core::retry::RetryAfter;
use crate::web::clock;
use crate::web::fetch::{Exchange, Request, Response, has_fetch};
use crate::web::reply::{Parsed, made_certain};
use crate::web::timer::{Timer, within};
use crate::web::value::{json_text, object, set, text};

/// What an attempt came to.
pub(crate) enum AttemptOutcome {
    Answer(Answer),
    /// A proxy held the request, and there is nothing new; with when to come back, where it says.
    NothingNew(Option<f64>),
    /// Nothing was sent, as the slot is others' before the request could arrive.
    TooLate(Failed),
}

/// Sends a request and waits for its reply. Dropped before that, it aborts the request.
pub(crate) async fn attempt(call: &Call, place: &mut Place) -> Result<AttemptOutcome, Failed> {
    let started_at = place.start(call);
    let (until, number) = call.sent(started_at);
    call.emit(Kind::Request, Some(number));
    let hold_s = place.hold_s(call, until - started_at);
    let mut attempt = Attempt { call, place, hold_s, http_status: 0, state: None };
    let unanswered = |attempt: &Attempt<'_>, failed: Failed| {
        let duration_ms = (clock::now() - started_at).ceil();
        attempt.call.emit(Kind::Failure { code: failed.0.code, duration_ms }, Some(number));
        failed
    };
    let (mut exchange, mut limit) = match attempt.send() {
        Ok(exchange) => (exchange, Timer::new(until)),
        Err(failed) => return Err(unanswered(&attempt, failed)),
    };
    // Sending may take its time, as where a platform loads its `fetch` only now. So soon, nothing has gone out yet.
    if attempt.place.shared.as_ref().is_some_and(|shared| shared.is_late(attempt.place.gap_ms())) {
        drop(exchange);
        let failure = Failure { detail: Some(GRANTED_TOO_LATE.into()), ..*attempt.failure(Code::Network) };
        return Ok(AttemptOutcome::TooLate(unanswered(&attempt, (failure.into(), None))));
    }
    let hold = attempt
        .place
        .shared
        .as_ref()
        .map(|shared| shared.hold(attempt.place.gap_ms(), attempt.place.margin_ms(), until - started_at));
    let answered = within(&mut limit, exchange.response()).await;
    if let Some(hold) = hold.filter(|_| answered.is_some()) {
        hold.end();
    }
    let response = match answered {
        Some(Ok(response)) => Response::new(response),
        Some(Err(error)) => {
            exchange.end();
            return Err(unanswered(&attempt, attempt.network(&error)));
        }
        None => return Err(unanswered(&attempt, attempt.failed(Code::RequestTimeout))),
    };
    let refusal = attempt.head(&response, number, started_at)?;
    if attempt.http_status == NO_CONTENT && hold_s.is_some() {
        exchange.end();
        return Ok(AttemptOutcome::NothingNew(retry_after_ms(&response)));
    }
    if refusal.as_ref().is_some_and(|refusal| refusal.detail.is_some() || !response.speaks("json")) {
        return Err((refusal.unwrap_or_else(|| attempt.failure(Code::Server)), None));
    }
    let body = match response.json() {
        Ok(body) => within(&mut limit, body).await,
        Err(error) => Some(Err(error)),
    };
    if body.is_some() {
        exchange.end();
    }
    attempt.conclude(&response, refusal, body).map(AttemptOutcome::Answer)
}

const NO_CONTENT: u16 = 204;

/// An attempt on its way.
struct Attempt<'a> {
    call: &'a Call,
    place: &'a mut Place,
    /// For how long the request is to be held.
    hold_s: Option<u32>,
    /// The batch's state, as the response names it.
    state: Option<Rc<str>>,
    /// Of the response, once its head is there; 0 until then.
    http_status: u16,
}

impl Attempt<'_> {
    fn send(&self) -> Result<Exchange, Failed> {
        let config = &self.call.session().config;
        let functions = config.functions();
        let fetch = self.call.fetch.as_ref().or(functions.fetch.as_ref());
        let headers = config.headers(self.place.token.as_deref());
        if let (Some(hold_s), Some(state)) = (self.hold_s, &*self.call.state.borrow()) {
            set(&headers, "prefer", &preference(hold_s, state).into());
        }
        let request = Request {
            url: config.url(self.call.endpoint()),
            headers: &headers,
            body: &JsValue::from_str(&json_text(&object(&self.call.batch.ids()))),
            is_stream: false,
            is_large: false,
            fetch,
        };
        Exchange::send(&request).map_err(|error| {
            if let Some(failure) = without_fetch(fetch) {
                return (Box::new(Failure { endpoint: Some(self.call.endpoint()), ..*failure }), None);
            }
            self.network(&error)
        })
    }

    /// Takes in the response's head: the refusal that it is, if any.
    fn head(&mut self, response: &Response, number: u32, started_at: f64) -> Result<Option<Box<Failure>>, Failed> {
        let now = clock::now();
        self.place.lane.with(|lane| lane.spacing.answered(started_at, now));
        let Some(http_status) = response.status() else {
            let mut failure = self.failure(Code::UnexpectedReply);
            failure.detail = Some(NO_RESPONSE.into());
            return Err((failure, None));
        };
        self.http_status = http_status;
        self.call.emit(Kind::Response { http_status, duration_ms: (now - started_at).ceil() }, Some(number));
        if (200..300).contains(&http_status) && http_status != NO_CONTENT {
            self.read_state(response, now);
        }
        let has_key = self.call.has_key(self.place.token.as_deref());
        Ok(Code::of_http_status(http_status).map(|code| refused(self.failure(code), response, has_key)))
    }

    /// A proxy that does the spacing says so by naming the batch's state. The API's own rule is ours to keep.
    fn read_state(&mut self, response: &Response, now: f64) {
        let state = response.header("extracta-state").filter(|state| is_state(state));
        self.state = state.filter(|_| !self.call.session().config.is_api()).map(Into::into);
        self.place.lane.with(|lane| lane.spacing.pace(self.state.is_some(), now));
    }

    /// Puts head and body together: the reply, or what went wrong, in the server's words where it speaks JSON.
    fn conclude(
        &self,
        response: &Response,
        refusal: Option<Box<Failure>>,
        body: Option<Result<JsValue, JsValue>>,
    ) -> Result<Answer, Failed> {
        match (refusal, body) {
            (None, Some(Ok(reply))) => self.read(response, reply),
            // The name of the platform's error distinguishes a body that is no JSON from one that broke off.
            (None, Some(Err(error))) => Err(match text(&error, "name").as_deref() {
                Some("SyntaxError") => (not_json(self.failure(Code::NotJson), response, &self.secrets()), None),
                _ => self.network(&error),
            }),
            (None, None) => Err(self.failed(Code::RequestTimeout)),
            (Some(mut failure), body) => {
                if let Some(Ok(body)) = body {
                    failure.server_message = said_in(&Parsed(body), Some(&self.secrets()));
                }
                Err((failure, None))
            }
        }
    }

    /// Reads the reply and makes it certain.
    fn read(&self, response: &Response, reply: JsValue) -> Result<Answer, Failed> {
        let reply = Parsed(reply);
        let reading = read(&reply, self.call.unknown, &|| Some(self.secrets())).map_err(|mut failure| {
            failure.endpoint = Some(self.call.endpoint());
            failure.http_status = Some(self.http_status);
            if failure.code == Code::NotJson {
                failure = not_json(failure, response, &self.secrets());
            }
            (failure, None)
        })?;
        let is_done = reading.outcome.is_done();
        Ok((made_certain(reply.0, is_done), reading, self.state.clone()))
    }

    fn secrets(&self) -> String {
        self.call.secrets(self.place.token.as_deref())
    }

    fn failed(&self, code: Code) -> Failed {
        (self.failure(code), None)
    }

    fn failure(&self, code: Code) -> Box<Failure> {
        // An opaque redirect has the status 0, and so has what never got a response. A limit that is over says nothing of it.
        let http_status = Some(self.http_status).filter(|status| *status != 0 && code != Code::RequestTimeout);
        Box::new(Failure { endpoint: Some(self.call.endpoint()), http_status, ..Failure::new(code) })
    }

    fn network(&self, error: &JsValue) -> Failed {
        // Next throws through its `fetch` what is meant for itself: that a page cannot be rendered ahead of time, say. It knows
        // such an error by its digest, and misses it in any other.
        if text(error, "digest").is_some() {
            return (Box::new(Failure::new(Code::Thrown)), Some(error.clone()));
        }
        (self.failure(Code::Network), Some(platform_cause(error, &self.secrets())))
    }
}

pub(super) const REDIRECTS: &str = "The server redirects elsewhere. Set baseUrl to the final address.";

pub(super) const NO_RESPONSE: &str = "fetch did not return a Response. Check the fetch option.";

/// Why nothing can be sent, if the platform has no `fetch`, nor the client one of the caller's.
pub(super) fn without_fetch(own: Option<&Function>) -> Option<Box<Failure>> {
    let is_missing = own.is_none() && !has_fetch();
    is_missing.then(|| Failure::invalid("fetch", "a function, as this platform has no fetch of its own", "none"))
}

/// Adds to a refusal what its head says.
pub(super) fn refused(mut failure: Box<Failure>, response: &Response, has_key: bool) -> Box<Failure> {
    let is_redirect = failure.http_status.is_some_and(|status| (300..400).contains(&status));
    if is_redirect || response.is_opaque_redirect() {
        failure.detail = Some(REDIRECTS.into());
    } else if failure.code == Code::Unauthenticated && !has_key {
        failure.detail = Some(
            "No API key was sent, and the server asks for one. Set the token option, or have the proxy at baseUrl add it."
                .into(),
        );
    } else if failure.code == Code::Forbidden && response.speaks("html") {
        failure.detail = Some(
            "The answer is a web page: probably a firewall or a proxy refused the request, not the API. Check baseUrl and what is in front of it."
                .into(),
        );
    }
    failure.retry_after_ms = retry_after_ms(response);
    failure
}

/// Says what came in place of JSON.
pub(super) fn not_json(mut failure: Box<Failure>, response: &Response, secrets: &str) -> Box<Failure> {
    let kind = response.header("content-type").and_then(|kind| {
        let end = kind.bytes().position(|byte| byte == b';').unwrap_or(kind.len());
        server_message(kind.get(..end)?, Some(secrets))
    });
    failure.detail = Some(
        match kind {
            Some(kind) if response.speaks("json") => [
                "The answer is labelled ",
                &kind,
                " but is not a JSON object; it may have been cut off. Check baseUrl.",
            ]
            .concat(),
            Some(kind) => {
                ["The answer is ", &kind, ", not JSON. Check that baseUrl leads to the API, not to a web page."]
                    .concat()
            }
            None => {
                "The answer has no content type and is not a JSON object. Check that baseUrl leads to the API.".into()
            }
        }
        .into(),
    );
    failure
}

/// How long the server asks to be left alone.
fn retry_after_ms(response: &Response) -> Option<f64> {
    response.header("retry-after").and_then(|header| match RetryAfter::parse(&header)? {
        RetryAfter::Delay(ms) => Some(ms),
        RetryAfter::Date(date) => RetryAfter::until(clock::parse_date(date), clock::wall_now()),
    })
}
