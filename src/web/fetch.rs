//! One HTTP request: fetch, headers, body. It reports; whether to try again is decided elsewhere.
//!
//! A `fetch` of the caller's may bring anything: what it gives is read by shape, not class, and may throw.

use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::{RequestInit, RequestRedirect};

use super::abort::AbortOnDrop;
use super::promise::Settling;
use super::realm::is_cloudflare_worker;
use super::value;

#[wasm_bindgen]
extern "C" {
    // Not `window().fetch`: there is no window in a Worker.
    #[wasm_bindgen(catch, js_name = fetch)]
    fn global_fetch(url: &str, init: &RequestInit) -> Result<JsValue, JsValue>;

    /// A response, or what a caller's `fetch` gave in place of one.
    type Answer;

    #[wasm_bindgen(method, structural, getter, catch)]
    fn status(this: &Answer) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, structural, getter, catch)]
    fn headers(this: &Answer) -> Result<AnswerHeaders, JsValue>;

    #[wasm_bindgen(method, structural, catch)]
    fn json(this: &Answer) -> Result<JsValue, JsValue>;

    type AnswerHeaders;

    #[wasm_bindgen(method, structural, catch, js_name = get)]
    fn header(this: &AnswerHeaders, name: &str) -> Result<JsValue, JsValue>;
}

/// Whether the platform has a `fetch` of its own.
pub(crate) fn has_fetch() -> bool {
    value::method(&js_sys::global(), "fetch").is_some()
}

/// Whether `fetch` is Node's. Workers have a `process` that says the same, and refuse what Node needs.
fn is_node() -> bool {
    let versions = value::get(&value::get(&js_sys::global(), "process"), "versions");
    !value::get(&versions, "undici").is_undefined() && !is_cloudflare_worker()
}

/// Whether it failed as its answer was a redirect, where those reject.
pub(crate) fn is_redirect(error: &JsValue) -> bool {
    value::text(&value::get(error, "cause"), "message").as_deref() == Some("unexpected redirect")
}

/// Whether the platform's requests have such a member.
fn requests_know(name: &'static str) -> bool {
    let request = value::get(&js_sys::global(), "Request");
    value::has(&value::get(&request, "prototype"), name)
}

/// What a request is made of.
pub(crate) struct Request<'a> {
    pub(crate) url: &'a str,
    /// A plain object, so that a `fetch` of the caller's can spread it.
    pub(crate) headers: &'a JsValue,
    /// Whatever the platform sends: text, a form, a stream.
    pub(crate) body: &'a JsValue,
    /// Whether the body is a stream.
    pub(crate) is_stream: bool,
    /// Whether the body is larger than what one likes to hold.
    pub(crate) is_large: bool,
    /// The caller's `fetch`, in place of the global one.
    pub(crate) fetch: Option<&'a Function>,
}

/// A request on its way. Dropped before its body was read, it is aborted.
pub(crate) struct Exchange {
    abort: AbortOnDrop,
    sent: Settling,
}

impl Exchange {
    /// Sends a request; fails where `fetch` throws or is missing.
    pub(crate) fn send(request: &Request<'_>) -> Result<Self, JsValue> {
        let abort = AbortOnDrop::new()?;
        let init = RequestInit::new();
        init.set_method("POST");
        // A redirect would carry the key elsewhere, or lose the body. Workers refuse members that they do not implement
        // (credentials, mode), so nothing goes in unasked.
        init.set_redirect(RequestRedirect::Manual);
        init.set_headers(request.headers);
        init.set_body(request.body);
        if request.is_large && is_node() {
            // Node keeps a copy of every body that it might have to send again after a redirect, all of it. This way it knows that it
            // will not: a redirect rejects.
            init.set_redirect(RequestRedirect::Error);
            value::set(&init, "window", &JsValue::NULL);
        }
        if request.is_stream {
            // Without it, platforms refuse a body that is still being made.
            value::set(&init, "duplex", &"half".into());
        }
        init.set_signal(Some(&abort.signal()));
        // Next 14 keeps replies to POST requests too, for a year, by default. A platform that does not know it may refuse it.
        if requests_know("cache") {
            value::set(&init, "cache", &value::js_name("no-store"));
        }
        let sent = match request.fetch {
            // Without `this`, as Workers throw on a foreign one.
            Some(fetch) => fetch.call2(&JsValue::UNDEFINED, &JsValue::from_str(request.url), &init),
            None => global_fetch(request.url, &init),
        };
        Ok(Self { abort, sent: Settling::of(&sent?)? })
    }

    /// The response, once its headers are there.
    pub(crate) const fn response(&mut self) -> &mut Settling {
        &mut self.sent
    }

    /// Nothing is under way any more: the body was read, or nobody is to be asked for it.
    pub(crate) fn end(&mut self) {
        self.abort.disarm();
    }
}

/// A response whose headers are there.
pub(crate) struct Response(Answer);

impl Response {
    /// What [`Exchange::response`] gave.
    pub(crate) fn new(value: JsValue) -> Self {
        Self(value.unchecked_into())
    }

    /// The HTTP status; `None` where this is no response.
    pub(crate) fn status(&self) -> Option<u16> {
        let status = if self.0.is_object() { self.0.status().ok()?.as_f64()? } else { return None };
        Some(status as u16)
    }

    /// Whether it is a redirect that a browser does not show.
    pub(crate) fn is_opaque_redirect(&self) -> bool {
        value::text(&self.0, "type").as_deref() == Some("opaqueredirect")
    }

    /// A header, where there is such a one.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.0.headers().ok()?.header(name).ok()?.as_string()
    }

    /// Whether its body is said to be of that kind, by a part of a media type, whose letter case says nothing.
    pub(crate) fn speaks(&self, kind: &str) -> bool {
        let same = |part: &[u8]| part.eq_ignore_ascii_case(kind.as_bytes());
        self.header("content-type").is_some_and(|given| given.as_bytes().windows(kind.len()).any(same))
    }

    /// The parsed body, to come.
    pub(crate) fn json(&self) -> Result<Settling, JsValue> {
        Settling::of(&self.0.json()?)
    }
}
