//! One HTTP attempt: fetch, limit, headers, body. It reports; whether to try again is decided elsewhere.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, Headers, RequestInit, RequestRedirect, Response, ResponseType};

use super::call::{Call, Woken};
use super::clock;
use super::config::Config;
use super::error::{Stop, platform_cause};
use super::event::Event;
use super::json::Parsed;
use super::member::{global, text};
use super::turn::Slot;
use crate::error::{Code, Failure};
use crate::job::Job;
use crate::reply::said_in;
use crate::retry::RetryAfter;

/// One attempt: what it asks, by whom, and until when.
pub(crate) struct Attempt<'a> {
    pub(crate) config: &'a Config,
    pub(crate) call: &'a Call,
    pub(crate) job: &'a Job,
    pub(crate) slot: &'a Slot,
    pub(crate) number: u32,
    pub(crate) until: f64,
}

/// The parsed body of a 2xx answer.
pub(crate) struct Answer {
    pub(crate) reply: JsValue,
    pub(crate) http_status: u16,
}

impl Attempt<'_> {
    /// Sends the request and reads its answer; dropped, it aborts the request.
    pub(crate) async fn send(&self) -> Result<Answer, Stop> {
        let started_at = clock::now();
        let (endpoint, batch_id, attempt) = (self.job.endpoint, self.job.batch_id.as_str(), self.number);
        let abort = AbortOnDrop(AbortController::new().map_err(|error| self.network(&error))?);
        self.config.emit(&Event::Request { endpoint, batch_id, attempt });
        let response = self.fetch(&abort.0).map_err(|error| self.network(&error))?;
        let response = self.settled(&response).await?.map_err(|error| self.network(&error))?;
        let answered_at = clock::now();
        self.slot.lane.with(|lane| lane.spacing.answered(answered_at));
        if !response.is_object() {
            let detail = Some("fetch did not give a Response. Check the fetch option.".into());
            return Err(Failure { detail, ..self.failure(Code::UnexpectedReply, None) }.into());
        }
        // By shape, not class: a fetch of the caller's may bring a Response of its own.
        let response: Response = response.unchecked_into();
        let http_status = response.status();
        let duration_ms = (answered_at - started_at).ceil();
        self.config.emit(&Event::Response { endpoint, batch_id, attempt, http_status, duration_ms });
        match Code::of_http_status(http_status) {
            None => Ok(Answer { reply: self.body(&response).await?, http_status }),
            Some(code) => Err(self.refusal(&response, code).await?.into()),
        }
    }

    fn fetch(&self, abort: &AbortController) -> Result<Promise, JsValue> {
        let headers = match &self.config.headers {
            Some(headers) => Headers::new_with_headers(headers)?,
            None => Headers::new()?,
        };
        headers.set("content-type", "application/json")?;
        if let Some(token) = &self.slot.token {
            let mut bearer = String::from("Bearer ");
            bearer.push_str(token);
            headers.set("authorization", &bearer)?;
        }
        let body = serde_wasm_bindgen::to_value(&self.job.body())?;
        // Nothing else goes in: Workers refuse members they do not implement (credentials, mode, cache).
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_headers(&headers);
        init.set_body(&js_sys::JSON::stringify(&body)?.into());
        init.set_signal(Some(&abort.signal()));
        // A redirect would carry the key, or lose the body.
        init.set_redirect(RequestRedirect::Manual);

        let fetch = match &self.config.fetch {
            Some(fetch) => fetch.clone(),
            None => global("fetch").dyn_into::<Function>()?,
        };
        // Without `this`, as Workers throw on a foreign one.
        Ok(Promise::resolve(&fetch.call2(&JsValue::UNDEFINED, &self.config.url(self.job.endpoint).into(), &init)?))
    }

    /// The body of a 2xx answer, parsed by the platform.
    async fn body(&self, response: &Response) -> Result<JsValue, Stop> {
        let parsed = match response.json() {
            Ok(parsed) => self.settled(&parsed).await?,
            Err(error) => Err(error),
        };
        parsed.map_err(|error| {
            // The platform tells a body that is no JSON from one that broke off by the name of its error.
            let name = text(&error, "name");
            if name.as_deref() == Some("SyntaxError") {
                self.failure(Code::NotJson, Some(response)).into()
            } else {
                let cause = platform_cause(&error, self.slot.token.as_deref());
                Stop::Failed(Box::new(self.failure(Code::Network, Some(response))), Some(cause))
            }
        })
    }

    /// What a refusal says: the server's words where it speaks JSON, and how long it wants to be left alone.
    async fn refusal(&self, response: &Response, code: Code) -> Result<Failure, Stop> {
        let mut failure = self.failure(code, Some(response));
        if response.type_() == ResponseType::Opaqueredirect || (300..400).contains(&response.status()) {
            failure.detail = Some("The server redirects elsewhere. Set baseUrl to the final address.".into());
            return Ok(failure);
        }
        let header = |name| response.headers().get(name).ok().flatten();
        failure.retry_after_ms = header("retry-after").and_then(|header| match RetryAfter::parse(&header)? {
            RetryAfter::Delay(ms) => Some(ms),
            RetryAfter::Date(date) => RetryAfter::until(js_sys::Date::parse(date), clock::wall_now()),
        });
        let speaks_json = |kind: String| kind.as_bytes().windows(4).any(|part| part == b"json");
        if header("content-type").is_some_and(speaks_json)
            && let Ok(body) = response.json()
            && let Ok(body) = self.settled(&body).await?
        {
            failure.server_message = said_in(&Parsed(body), self.slot.token.as_deref());
        }
        Ok(failure)
    }

    /// Waits for `promise` until the attempt's limit.
    async fn settled(&self, promise: &Promise) -> Result<Result<JsValue, JsValue>, Stop> {
        match self.call.settled(promise, self.until).await? {
            Woken::Settled(result) => Ok(result),
            Woken::Time | Woken::Nudged => Err(self.failure(Code::RequestTimeout, None).into()),
        }
    }

    fn failure(&self, code: Code, response: Option<&Response>) -> Failure {
        // An opaque redirect has the status 0.
        let http_status = response.map(Response::status).filter(|status| *status != 0);
        Failure { endpoint: Some(self.job.endpoint), http_status, ..Failure::new(code) }
    }

    fn network(&self, error: &JsValue) -> Stop {
        let cause = platform_cause(error, self.slot.token.as_deref());
        Stop::Failed(Box::new(self.failure(Code::Network, None)), Some(cause))
    }
}

/// Cancels what is still under way when an attempt is given up, an unread body included.
struct AbortOnDrop(AbortController);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
