//! One HTTP attempt: fetch, limit, headers, body. It reports; whether to try again is decided elsewhere.

use js_sys::{Function, JSON, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, Headers, Response};

use super::call::Woken;
use super::clock;
use super::error::{Stop, platform_cause};
use super::json::Parsed;
use super::member::{get, global, object, promise, set, text};
use super::poll::Run;
use super::turn::Place;
use crate::error::{Code, Failure};
use crate::fields::Fields;
use crate::reply::said_in;
use crate::retry::RetryAfter;

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
        let abort = AbortController::new().map(AbortOnDrop).map_err(|error| self.network(&error, None))?;
        self.emit("request", &[]);
        let sent = self.fetch(&abort.0).map_err(|error| self.network(&error, None))?;
        if let Some(pacing) = &self.run.session.config.pacing {
            pacing.hold_during(self.run.job.endpoint, self.place, &sent, self.until - self.started_at);
        }
        let answered = self.run.call.settled(sent, self.until).await?;
        let mut head = self.head(answered)?;
        let body = match head.body.take() {
            Some(body) => self.run.call.settled(body, self.until).await?,
            None => Woken::Time,
        };
        self.conclude(head, body)
    }

    fn fetch(&self, abort: &AbortController) -> Result<Promise, JsValue> {
        let config = &self.run.session.config;
        let headers = match &config.headers {
            Some(headers) => Headers::new_with_headers(headers)?,
            None => Headers::new()?,
        };
        headers.set("content-type", "application/json")?;
        if let Some(token) = &self.place.token {
            let mut bearer = String::from("Bearer ");
            bearer.push_str(token);
            headers.set("authorization", &bearer)?;
        }
        // Nothing else goes in: Workers refuse members they do not implement (credentials, mode, cache).
        let mut init = Fields::default();
        init.text("method", "POST");
        // A redirect would carry the key, or lose the body.
        init.text("redirect", "manual");
        let init = object(&init);
        set(&init, "headers", &headers);
        set(&init, "body", &JSON::stringify(&object(&self.run.job.ids()))?.into());
        set(&init, "signal", &abort.signal());

        let fetch = match &config.fetch {
            Some(fetch) => fetch.clone(),
            None => global("fetch").dyn_into::<Function>()?,
        };
        // Without `this`, as Workers throw on a foreign one.
        let url = config.url(self.run.job.endpoint);
        Ok(promise(&fetch.call2(&JsValue::UNDEFINED, &url.into(), &init)?))
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
        // By shape, not class: a fetch of the caller's may bring a Response of its own.
        let Some(http_status) = get(&response, "status").as_f64().map(|status| status as u16) else {
            let detail = Some("fetch did not give a Response. Check the fetch option.".into());
            return Err(Failure { detail, ..self.failure(Code::UnexpectedReply, None) }.into());
        };
        let duration_ms = (answered_at - self.started_at).ceil();
        self.emit("response", &[("httpStatus", http_status.into()), ("durationMs", duration_ms)]);
        let response: Response = response.unchecked_into();
        let refusal = Code::of_http_status(http_status).map(|code| self.refusal(&response, code, http_status));
        let is_useful = refusal.as_ref().is_none_or(|refusal| refusal.detail.is_none() && speaks_json(&response));
        let body = is_useful.then(|| match response.json() {
            Ok(body) => promise(&body),
            Err(error) => Promise::reject(&error),
        });
        Ok(Head { http_status, refusal, body })
    }

    /// What a refusal's head says.
    fn refusal(&self, response: &Response, code: Code, http_status: u16) -> Box<Failure> {
        let mut failure = Box::new(self.failure(code, Some(http_status)));
        if text(response, "type").as_deref() == Some("opaqueredirect") || (300..400).contains(&http_status) {
            failure.detail = Some("The server redirects elsewhere. Set baseUrl to the final address.".into());
        }
        failure.retry_after_ms = header(response, "retry-after").and_then(|header| match RetryAfter::parse(&header)? {
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
                    failure.server_message = said_in(&Parsed(body), self.place.token.as_deref());
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
        Failure { endpoint: Some(self.run.job.endpoint), http_status, ..Failure::new(code) }
    }

    fn network(&self, error: &JsValue, http_status: Option<u16>) -> Stop {
        let cause = platform_cause(error, self.place.token.as_deref());
        Stop::Failed(Box::new(self.failure(Code::Network, http_status)), Some(cause))
    }
}

fn header(response: &Response, name: &str) -> Option<String> {
    get(response, "headers").unchecked_into::<Headers>().get(name).ok().flatten()
}

fn speaks_json(response: &Response) -> bool {
    header(response, "content-type").is_some_and(|kind| kind.as_bytes().windows(4).any(|part| part == b"json"))
}

/// Cancels what is still under way when an attempt is given up, an unread body included.
struct AbortOnDrop(AbortController);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
