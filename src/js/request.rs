//! One HTTP attempt: fetch, limit, headers, body. It reports; whether to try again is decided elsewhere.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal};

use super::arguments::Given;
use super::call::Woken;
use super::clock;
use super::error::{Stop, platform_cause};
use super::json::Parsed;
use super::member::text;
use super::pacing;
use super::poll::Run;
use super::turn::Place;
use crate::error::{Code, Failure};
use crate::reply::said_in;
use crate::retry::RetryAfter;

#[wasm_bindgen(module = "/src/js/request.js")]
extern "C" {
    /// Sends the request of a batch; gives the response.
    fn post(config: &Given, endpoint: u32, ids: &JsValue, token: &JsValue, signal: &AbortSignal) -> Promise;

    /// A provider's token.
    #[wasm_bindgen(js_name = freshToken)]
    pub(crate) fn fresh_token(config: &Given, force_refresh: bool) -> Promise;

    /// NaN where the response is none.
    #[wasm_bindgen(js_name = statusOf)]
    fn status_of(response: &JsValue) -> f64;

    #[wasm_bindgen(js_name = headerOf)]
    fn header_of(response: &JsValue, name: &str) -> Option<String>;

    #[wasm_bindgen(js_name = bodyOf)]
    fn body_of(response: &JsValue) -> Promise;
}

/// One attempt of a run, in a slot of its lane.
pub(crate) struct Attempt<'a> {
    pub(crate) run: &'a Run,
    pub(crate) place: &'a Place,
    pub(crate) number: u32,
    pub(crate) started_at: f64,
    /// When it must have ended.
    pub(crate) until: f64,
}

/// The parsed body of a 2xx answer.
pub(crate) struct Answer {
    pub(crate) reply: JsValue,
    pub(crate) http_status: u16,
}

/// An answer whose body is still to come.
struct Head {
    http_status: u16,
    refusal: Option<Box<Failure>>,
    /// The body, where it is of use.
    body: Option<Promise>,
}

impl Attempt<'_> {
    /// Sends the request and reads its answer; dropped, it aborts the request.
    pub(crate) async fn send(&self) -> Result<Answer, Stop> {
        let abort = AbortController::new().map_err(|error| self.network(&error, None))?;
        let signal = abort.signal();
        let mut abort = AbortOnDrop(Some(abort));
        self.emit("request", &[]);
        let sent = self.post(&signal);
        if self.run.session.config.is_shared {
            pacing::hold_during(self.run, self.place, &sent, self.until - self.started_at);
        }
        let answered = self.run.call.settled(&sent, self.until).await?;
        let mut head = self.head(answered)?;
        let body = match head.body.take() {
            Some(body) => self.run.call.settled(&body, self.until).await?,
            None => Woken::Time,
        };
        if let Woken::Settled(_) = body {
            // Nothing is under way any more, and aborting is not free: it makes an exception with a stack.
            abort.0 = None;
        }
        self.conclude(head, body)
    }

    fn post(&self, signal: &AbortSignal) -> Promise {
        let run = self.run;
        post(&run.session.config.given, run.endpoint as u32, &run.ids, &self.place.token, signal)
    }

    /// Takes in the response's head, and begins to read its body where that is of use.
    fn head(&self, answered: Woken) -> Result<Head, Stop> {
        let response = match answered {
            Woken::Settled(Ok(response)) => response,
            Woken::Settled(Err(error)) => return Err(self.network(&error, None)),
            Woken::Time | Woken::Nudged => return Err(self.failure(Code::RequestTimeout, None).into()),
        };
        let answered_at = clock::now();
        self.place.lane.with(|lane| lane.spacing.answered(self.started_at, answered_at));
        let status = status_of(&response);
        if status.is_nan() {
            let detail = Some("fetch did not give a Response. Check the fetch option.");
            return Err(Failure { detail, ..self.failure(Code::UnexpectedReply, None) }.into());
        }
        let http_status = status as u16;
        let duration_ms = (answered_at - self.started_at).ceil();
        self.emit("response", &[("httpStatus", http_status.into()), ("durationMs", duration_ms)]);
        let refusal = Code::of_http_status(http_status).map(|code| self.refusal(&response, code, http_status));
        let is_useful = refusal.as_ref().is_none_or(|refusal| refusal.detail.is_none() && speaks_json(&response));
        let body = is_useful.then(|| body_of(&response));
        Ok(Head { http_status, refusal, body })
    }

    /// What a refusal's head says.
    fn refusal(&self, response: &JsValue, code: Code, http_status: u16) -> Box<Failure> {
        let mut failure = Box::new(self.failure(code, Some(http_status)));
        if text(response, "type").as_deref() == Some("opaqueredirect") || (300..400).contains(&http_status) {
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
    fn conclude(&self, head: Head, body: Woken) -> Result<Answer, Stop> {
        let Head { http_status, refusal, .. } = head;
        match (refusal, body) {
            (None, Woken::Settled(Ok(reply))) => Ok(Answer { reply, http_status }),
            // The platform tells a body that is no JSON from one that broke off by the name of its error.
            (None, Woken::Settled(Err(error))) => Err(match text(&error, "name").as_deref() {
                Some("SyntaxError") => self.failure(Code::NotJson, Some(http_status)).into(),
                _ => self.network(&error, Some(http_status)),
            }),
            (None, _) => Err(self.failure(Code::RequestTimeout, None).into()),
            (Some(mut failure), body) => {
                if let Woken::Settled(Ok(body)) = body {
                    failure.server_message = said_in(&Parsed(body), self.secret().as_deref());
                }
                Err(Stop::Failed(failure, None))
            }
        }
    }

    fn emit(&self, kind: &'static str, numbers: &[(&'static str, f64)]) {
        self.run.emit(kind, Some(self.number), numbers, None);
    }

    fn failure(&self, code: Code, http_status: Option<u16>) -> Failure {
        // An opaque redirect has the status 0.
        let http_status = http_status.filter(|status| *status != 0);
        Failure { endpoint: Some(self.run.endpoint), http_status, ..Failure::new(code) }
    }

    /// What is kept out of all that is passed on.
    fn secret(&self) -> Option<String> {
        self.run.secret(&self.place.token)
    }

    fn network(&self, error: &JsValue, http_status: Option<u16>) -> Stop {
        let cause = platform_cause(error, self.secret().as_deref());
        Stop::Failed(Box::new(self.failure(Code::Network, http_status)), Some(cause))
    }
}

fn speaks_json(response: &JsValue) -> bool {
    header_of(response, "content-type").is_some_and(|kind| kind.as_bytes().windows(4).any(|part| part == b"json"))
}

/// Cancels what is still under way when an attempt is given up, an unread body included.
struct AbortOnDrop(Option<AbortController>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(abort) = &self.0 {
            abort.abort();
        }
    }
}
