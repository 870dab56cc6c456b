//! One HTTP attempt: fetch, limit, headers, body. It reports; whether to try again is decided elsewhere.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Headers, RequestInit, RequestRedirect, Response, ResponseType};

use super::clock;
use super::config::{Config, global};
use super::error::{Stop, platform_cause};
use super::flag::{First, race};
use super::json::Parsed;
use crate::error::{Code, Failure};
use crate::job::Job;
use crate::reply::said_in;
use crate::retry::RetryAfter;

/// An attempt that failed: why, and what the platform complained of.
pub(crate) struct Failed {
    pub(crate) failure: Box<Failure>,
    pub(crate) cause: Option<JsValue>,
}

impl From<Failed> for Stop {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed.failure, failed.cause)
    }
}

/// The parsed body of a 2xx answer.
pub(crate) struct Answer {
    pub(crate) reply: JsValue,
    pub(crate) http_status: u16,
}

/// Sends one request and reads its answer, for at most `timeout_ms`; dropped, it aborts the request. `answered` is told the
/// HTTP status as the response headers arrive.
pub(crate) async fn send(
    config: &Config,
    job: &Job,
    token: Option<&str>,
    timeout_ms: f64,
    answered: impl FnOnce(u16),
) -> Result<Answer, Failed> {
    let fail = |code| Failure { endpoint: Some(job.endpoint), ..Failure::new(code) };
    let network =
        |error: JsValue| Failed { failure: fail(Code::Network).into(), cause: Some(platform_cause(&error, token)) };
    let abort = AbortOnDrop(AbortController::new().map_err(network)?);
    let attempt = async {
        let response = fetch(config, job, token, &abort.0).map_err(network)?;
        let response = JsFuture::from(response).await.map_err(network)?;
        if !response.is_object() {
            let detail = Some("fetch did not give a Response. Check the fetch option.".into());
            return Err(Failed { failure: Failure { detail, ..fail(Code::UnexpectedReply) }.into(), cause: None });
        }
        // By shape, not class: a fetch of the caller's may bring a Response of its own.
        let response: Response = response.unchecked_into();
        let http_status = response.status();
        answered(http_status);
        let Some(code) = Code::of_http_status(http_status) else {
            let reply = body(&response, fail, network).await?;
            return Ok(Answer { reply, http_status });
        };
        Err(Failed { failure: refusal(&response, fail(code), token).await.into(), cause: None })
    };
    match race(attempt, clock::sleep_until(clock::now() + timeout_ms)).await {
        First::Left(result) => result,
        First::Right(()) => Err(Failed { failure: fail(Code::RequestTimeout).into(), cause: None }),
    }
}

/// Cancels what is still under way when an attempt is given up, an unread body included.
struct AbortOnDrop(AbortController);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn fetch(config: &Config, job: &Job, token: Option<&str>, abort: &AbortController) -> Result<Promise, JsValue> {
    let headers = match &config.headers {
        Some(headers) => Headers::new_with_headers(headers.unchecked_ref())?,
        None => Headers::new()?,
    };
    headers.set("content-type", "application/json")?;
    if let Some(token) = token {
        let mut bearer = String::from("Bearer ");
        bearer.push_str(token);
        headers.set("authorization", &bearer)?;
    }
    let body = serde_wasm_bindgen::to_value(&job.body())?;
    // Nothing else goes in: Workers refuse members they do not implement (credentials, mode, cache).
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body(&js_sys::JSON::stringify(&body)?.into());
    init.set_signal(Some(&abort.signal()));
    // A redirect would carry the key, or lose the body.
    init.set_redirect(RequestRedirect::Manual);

    let fetch = match &config.fetch {
        Some(fetch) => fetch.clone(),
        None => global("fetch").dyn_into::<Function>()?,
    };
    let mut url = config.base_url.clone();
    url.push('/');
    url.push_str(job.endpoint.path());
    // Without `this`, as Workers throw on a foreign one.
    Ok(Promise::resolve(&fetch.call2(&JsValue::UNDEFINED, &url.into(), &init)?))
}

/// The body of a 2xx answer, parsed by the platform.
async fn body(
    response: &Response,
    fail: impl Fn(Code) -> Failure,
    network: impl Fn(JsValue) -> Failed,
) -> Result<JsValue, Failed> {
    let http_status = Some(response.status());
    let parsed = match response.json() {
        Ok(parsed) => JsFuture::from(Promise::resolve(&parsed)).await,
        Err(error) => Err(error),
    };
    parsed.map_err(|error| {
        // The platform tells a body that is no JSON from one that broke off by the name of its error.
        let name = Reflect::get(&error, &"name".into()).ok().and_then(|name| name.as_string());
        if name.as_deref() == Some("SyntaxError") {
            Failed { failure: Failure { http_status, ..fail(Code::NotJson) }.into(), cause: None }
        } else {
            let mut failed = network(error);
            failed.failure.http_status = http_status;
            failed
        }
    })
}

/// What a refusal says: the server's words where it speaks JSON, and how long it wants to be left alone.
async fn refusal(response: &Response, failure: Failure, token: Option<&str>) -> Failure {
    let header = |name| response.headers().get(name).ok().flatten();
    let http_status = Some(response.status());
    if response.type_() == ResponseType::Opaqueredirect || (300..400).contains(&response.status()) {
        let detail = Some("The server redirects elsewhere. Set baseUrl to the final address.".into());
        return Failure { http_status: http_status.filter(|status| *status != 0), detail, ..failure };
    }
    let retry_after_ms = header("retry-after").and_then(|header| match RetryAfter::parse(&header)? {
        RetryAfter::Delay(ms) => Some(ms),
        RetryAfter::Date(date) => RetryAfter::until(js_sys::Date::parse(date), clock::wall_now()),
    });
    let mut server_message = None;
    if header("content-type").is_some_and(|kind| kind.contains("json"))
        && let Ok(body) = response.json()
        && let Ok(body) = JsFuture::from(body).await
    {
        server_message = said_in(&Parsed(body), token);
    }
    Failure { http_status, retry_after_ms, server_message, ..failure }
}
