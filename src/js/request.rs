//! One HTTP attempt: fetch, headers, body. It reports; whether to try again is decided elsewhere.

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::arguments::Given;
use super::clock;
use super::drive::{Awaits, Driver, Next};
use super::error::{Stop, platform_cause};
use super::json::Parsed;
use super::member::text;
use super::pacing;
use super::run::Run;
use super::turn::Place;
use crate::error::{Code, Failure};
use crate::reply::said_in;
use crate::retry::RetryAfter;

#[wasm_bindgen(module = "/src/js/request.js")]
extern "C" {
    /// A request on its way.
    type Sent;

    /// Of its response.
    #[wasm_bindgen(method, getter)]
    fn sent(this: &Sent) -> Promise;

    #[wasm_bindgen(method)]
    fn abort(this: &Sent);

    /// Sends the request of a batch; tells of the response.
    fn post(
        config: &Given,
        endpoint: u32,
        ids: &JsValue,
        token: &JsValue,
        call: u32,
        wait: u32,
        heard: &JsValue,
    ) -> Sent;

    /// A provider's token.
    #[wasm_bindgen(js_name = freshToken)]
    pub(crate) fn fresh_token(config: &Given, force_refresh: bool) -> Promise;

    /// NaN where the response is none.
    #[wasm_bindgen(js_name = statusOf)]
    fn status_of(response: &JsValue) -> f64;

    #[wasm_bindgen(js_name = headerOf)]
    fn header_of(response: &JsValue, name: &str) -> Option<String>;

    /// Tells of the response's body.
    #[wasm_bindgen(js_name = readBody)]
    fn read_body(response: &JsValue, call: u32, wait: u32, heard: &JsValue);
}

/// One attempt of a run, in a slot of its lane.
pub(crate) struct Attempt {
    sent: AbortOnDrop,
    number: u32,
    started_at: f64,
    /// Of the response, once its head is there.
    http_status: u16,
    refusal: Option<Box<Failure>>,
}

/// An attempt that starts.
pub(crate) struct Sending {
    /// Which of its poll's it is.
    pub(crate) number: u32,
    /// By which it is told of the response.
    pub(crate) wait: u32,
    pub(crate) started_at: f64,
    /// When it must have ended.
    pub(crate) until: f64,
}

/// The parsed body of a 2xx answer.
pub(crate) struct Answer {
    pub(crate) reply: JsValue,
    pub(crate) http_status: u16,
}

/// What went wrong with an attempt, and what the platform complained of.
pub(crate) type Failed = (Box<Failure>, Option<JsValue>);

impl Attempt {
    /// Sends the request; dropped before its answer is read, it aborts it.
    pub(crate) fn send(run: &Run, place: &Place, sending: Sending) -> Self {
        let Sending { number, wait, started_at, until } = sending;
        run.emit("request", Some(number), &[], None);
        let (config, endpoint) = (&run.session.config, run.endpoint as u32);
        let sent =
            run.call.heard(|call, heard| post(&config.given, endpoint, &run.ids, &place.token, call, wait, heard));
        if config.is_shared {
            pacing::hold_during(run, place, &sent.sent(), until - started_at);
        }
        Self { sent: AbortOnDrop(Some(sent)), number, started_at, http_status: 0, refusal: None }
    }

    /// Takes in the response's head; whether its body is of use.
    fn head(&mut self, run: &Run, place: &Place, response: &JsValue, answered_at: f64) -> Result<bool, Failed> {
        place.lane.with(|lane| lane.spacing.answered(self.started_at, answered_at));
        let status = status_of(response);
        if status.is_nan() {
            let detail = Some("fetch did not give a Response. Check the fetch option.");
            return Err((Failure { detail, ..self.failure(run, Code::UnexpectedReply) }.into(), None));
        }
        self.http_status = status as u16;
        let duration_ms = (answered_at - self.started_at).ceil();
        let numbers = [("httpStatus", self.http_status.into()), ("durationMs", duration_ms)];
        run.emit("response", Some(self.number), &numbers, None);
        self.refusal = Code::of_http_status(self.http_status).map(|code| self.refused(run, response, code));
        Ok(self.refusal.as_ref().is_none_or(|refusal| refusal.detail.is_none() && speaks_json(response)))
    }

    /// What a refusal's head says.
    fn refused(&self, run: &Run, response: &JsValue, code: Code) -> Box<Failure> {
        let mut failure = Box::new(self.failure(run, code));
        if text(response, "type").as_deref() == Some("opaqueredirect") || (300..400).contains(&self.http_status) {
            failure.detail = Some("The server redirects elsewhere. Set baseUrl to the final address.");
        }
        failure.retry_after_ms =
            header_of(response, "retry-after").and_then(|header| match RetryAfter::parse(&header)? {
                RetryAfter::Delay(ms) => Some(ms),
                RetryAfter::Date(date) => RetryAfter::until(js_sys::Date::parse(date), clock::wall_now()),
            });
        failure
    }

    /// Puts head and body together: the parsed reply, or what went wrong, in the server's words where it speaks JSON.
    pub(crate) fn conclude(
        mut self,
        run: &Run,
        token: &JsValue,
        body: Option<Result<JsValue, JsValue>>,
    ) -> Result<Answer, Failed> {
        if body.is_some() {
            // Nothing is under way any more, and aborting is not free: it makes an exception with a stack.
            self.sent.0 = None;
        }
        match (self.refusal.take(), body) {
            (None, Some(Ok(reply))) => Ok(Answer { reply, http_status: self.http_status }),
            // The platform tells a body that is no JSON from one that broke off by the name of its error.
            (None, Some(Err(error))) => Err(match text(&error, "name").as_deref() {
                Some("SyntaxError") => (self.failure(run, Code::NotJson).into(), None),
                _ => self.network(run, token, &error),
            }),
            (None, None) => Err((self.failure(run, Code::RequestTimeout).into(), None)),
            (Some(mut failure), body) => {
                if let Some(Ok(body)) = body {
                    failure.server_message = said_in(&Parsed(body), run.secret(token).as_deref());
                }
                Err((failure, None))
            }
        }
    }

    fn failure(&self, run: &Run, code: Code) -> Failure {
        // An opaque redirect has the status 0, and so has what never got a response. A limit that is over says nothing of it.
        let http_status = Some(self.http_status).filter(|status| *status != 0 && code != Code::RequestTimeout);
        Failure { endpoint: Some(run.endpoint), http_status, ..Failure::new(code) }
    }

    fn network(&self, run: &Run, token: &JsValue, error: &JsValue) -> Failed {
        let cause = platform_cause(error, run.secret(token).as_deref());
        (self.failure(run, Code::Network).into(), Some(cause))
    }
}

impl Driver {
    /// The response came, or did not.
    pub(super) fn answered(&mut self, run: &Rc<Run>, came: Option<Result<JsValue, JsValue>>) -> Result<Next, Stop> {
        let (wait, until) = (self.next_wait(), self.until);
        let (Some(attempt), Some(place)) = (&mut self.attempt, &self.place) else { return Ok(Next::Turn) };
        let now = clock::now();
        let head = match &came {
            Some(Ok(response)) => attempt.head(run, place, response, now),
            Some(Err(error)) => Err(attempt.network(run, &place.token, error)),
            None => Err((attempt.failure(run, Code::RequestTimeout).into(), None)),
        };
        let answer = match (head, came) {
            (Ok(true), Some(Ok(response))) => {
                run.call.heard(|call, heard| read_body(&response, call, wait, heard));
                self.awaits = Awaits::Body;
                return Ok(self.wait_until(run, until, now));
            }
            (Ok(_), _) => self.attempt.take().map(|attempt| attempt.conclude(run, &self.token(), None)),
            (Err(failed), _) => Some(Err(failed)),
        };
        self.attempt = None;
        answer.map_or(Ok(Next::Turn), |answer| self.take_in(run, answer))
    }
}

fn speaks_json(response: &JsValue) -> bool {
    header_of(response, "content-type").is_some_and(|kind| kind.as_bytes().windows(4).any(|part| part == b"json"))
}

/// Cancels what is still under way when an attempt is given up, an unread body included.
struct AbortOnDrop(Option<Sent>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(sent) = &self.0 {
            sent.abort();
        }
    }
}
