//! Options as callers write them: read structurally, member by member. Each complaint names the option, what is allowed and the
//! kind of value that came.

use std::rc::Rc;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::batch::ids;
use super::pacing::JsPacing;
use super::promise::may_go_unawaited;
use super::reader::{Reader, kind_of, kind_of_key};
use super::results::update;
use super::token::JsTokenProvider;
use crate::client::base_url::unfit_base_url;
use crate::client::config::ClientOptions;
use crate::client::error::Error;
use crate::client::options::{CallOptions, upload_timeout_ms};
use crate::client::progress::Listener;
use crate::client::token::{Token, unfit_token};
use crate::core::error::Failure;
use crate::core::events::Event;
use crate::core::response::OnUnknownStatus;
use crate::web::abort::Signal;
use crate::web::value::{method, object};

/// The options of a client.
const OF_CLIENT: [&str; 9] = [
    "token",
    "baseUrl",
    "fetch",
    "headers",
    "requestTimeoutMs",
    "minIntervalMs",
    "sharePacing",
    "allowTokenInBrowser",
    "onEvent",
];

/// The options of a poll; of one that goes on from a snapshot, too.
const OF_CALL: [&str; 13] = [
    "signal",
    "requestTimeoutMs",
    "timeoutMs",
    "intervalMs",
    "initialDelayMs",
    "maxRetries",
    "onUnknownStatus",
    "expectedFiles",
    "priority",
    "onProgress",
    "followExtractions",
    "uploadTimeoutMs",
    "batch",
];

/// The options of a single request.
const OF_SINGLE_REQUEST: [&str; 6] = ["signal", "requestTimeoutMs", "onProgress", "priority", "visitor", "fetch"];

/// Options of a client.
pub(super) fn client_options(options: &JsValue) -> Result<ClientOptions, Error> {
    let read = Reader::options(options, "a client", &OF_CLIENT)?;
    Ok(ClientOptions {
        base_url: base_url(&read)?,
        token: token(&read)?,
        headers: headers(&read)?,
        fetch: read.function("fetch")?,
        request_timeout_ms: read.number("requestTimeoutMs")?,
        min_interval_ms: read.number("minIntervalMs")?,
        shared_pacing: JsPacing::of(&read.get("sharePacing")?)?,
        allow_token_in_browser: read.flag("allowTokenInBrowser")?,
        on_event: read.function("onEvent")?.map(|function| {
            let observe = move |event: &Event<'_>| {
                // What it throws is its own affair, as is what its promise rejects with: it only watches.
                let returned = function.call1(&JsValue::UNDEFINED, &object(&event.fields()));
                if let Some(promise) = returned.ok().filter(|returned| method(returned, "then").is_some()) {
                    may_go_unawaited(&promise);
                }
            };
            Rc::new(observe) as Rc<dyn Fn(&Event<'_>)>
        }),
    })
}

/// The options of an upload.
const OF_UPLOAD: [&str; 3] = ["signal", "uploadTimeoutMs", "onProgress"];

/// Which call the options are of.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Of {
    Poll,
    /// Of one that goes on from a snapshot.
    Resumed,
    /// Of one that begins with an upload.
    Uploaded,
}

/// The limit of an upload alone.
pub(super) fn upload_options(options: &JsValue) -> Result<f64, Error> {
    let read = Reader::options(options, "an upload", &OF_UPLOAD)?;
    Ok(upload_timeout_ms(&read.number("uploadTimeoutMs")?)?)
}

/// Options of a poll, or of one that goes on from a snapshot.
pub(super) fn call_options(options: &JsValue, of: Of) -> Result<CallOptions, Error> {
    let names = OF_CALL.iter().copied().filter(|name| match *name {
        "uploadTimeoutMs" => of == Of::Uploaded,
        "batch" => of == Of::Resumed,
        _ => true,
    });
    let read = Reader::options(options, "a poll", &names.collect::<Vec<_>>())?;
    let batch = if of == Of::Resumed { read.get("batch")? } else { JsValue::UNDEFINED };
    Ok(CallOptions {
        request_timeout_ms: read.number("requestTimeoutMs")?,
        unknown: unknown(&read)?,
        interval_ms: read.number("intervalMs")?,
        timeout_ms: read.number("timeoutMs")?,
        initial_delay_ms: read.number("initialDelayMs")?,
        max_retries: read.number("maxRetries")?,
        expected_files: read.number("expectedFiles")?,
        priority: read.number("priority")?,
        follows: read.flag("followExtractions")?,
        visitor: None,
        batch: if batch.is_undefined() { None } else { Some(ids(&batch, None)?) },
    })
}

impl CallOptions {
    /// Of a single request.
    pub(super) fn for_single_request(options: &JsValue) -> Result<Self, Error> {
        let read = Reader::options(options, "a single request", &OF_SINGLE_REQUEST)?;
        Ok(Self {
            request_timeout_ms: read.number("requestTimeoutMs")?,
            priority: read.number("priority")?,
            visitor: visitor(&read)?,
            ..Self::default()
        })
    }
}

/// The `fetch` of one request.
pub(super) fn fetch(options: &JsValue) -> Result<Option<Function>, Error> {
    Reader::new(options, "options")?.function("fetch")
}

fn visitor(read: &Reader<'_>) -> Result<Option<String>, Error> {
    let value = read.get("visitor")?;
    match value.as_string() {
        None if !value.is_undefined() => Err(Failure::invalid("visitor", "a text", &kind_of(&value)).into()),
        text => Ok(text),
    }
}

/// By shape, not class: the signal may come from another realm or a polyfill.
pub(super) fn signal(options: &JsValue) -> Result<Option<Signal>, Error> {
    let value = Reader::new(options, "options")?.get("signal")?;
    if value.is_undefined() {
        return Ok(None);
    }
    match Signal::of(&value) {
        Some(signal) => Ok(Some(signal)),
        None => Err(Failure::invalid("signal", "an AbortSignal", &kind_of(&value)).into()),
    }
}

/// The caller's `onProgress`. What it throws ends the poll.
pub(super) fn listener(options: &JsValue) -> Result<Option<Listener>, Error> {
    let function = Reader::new(options, "options")?.function("onProgress")?;
    Ok(function.map(|function| {
        let listener: Listener = Rc::new(move |progress, control| {
            let returned = function.call1(&JsValue::UNDEFINED, &update(&progress)).map_err(Error::thrown)?;
            control.heed(&returned);
            Ok(())
        });
        listener
    }))
}

fn unknown(read: &Reader<'_>) -> Result<Option<OnUnknownStatus>, Error> {
    let value = read.get("onUnknownStatus")?;
    if value.is_undefined() {
        return Ok(None);
    }
    match value.as_string().and_then(|name| OnUnknownStatus::named(&name)) {
        Some(unknown) => Ok(Some(unknown)),
        None => Err(Failure::invalid("onUnknownStatus", "\"wait\", \"done\" or \"throw\"", &kind_of(&value)).into()),
    }
}

/// A URL object, of whatever realm, is read by its `href`.
fn base_url(read: &Reader<'_>) -> Result<Option<String>, Error> {
    let value = read.get("baseUrl")?;
    if value.is_undefined() {
        return Ok(None);
    }
    let href = if value.is_object() { Reader(Some(&value)).get("href")? } else { value.clone() };
    match href.as_string() {
        Some(text) => Ok(Some(text)),
        None => {
            let got = kind_of(if href.is_undefined() || href.is_null() { &value } else { &href });
            Err(unfit_base_url(&got).into())
        }
    }
}

fn token(read: &Reader<'_>) -> Result<Token, Error> {
    let value = read.get("token")?;
    if value.is_undefined() {
        return Ok(Token::None);
    }
    if let Some(text) = value.as_string() {
        return Ok(Token::Text(text.into()));
    }
    match value.dyn_into::<Function>() {
        Ok(function) => Ok(Token::Provider(Rc::new(JsTokenProvider(function)))),
        Err(value) => Err(unfit_token(&kind_of_key(&value)).into()),
    }
}

fn headers(read: &Reader<'_>) -> Result<Option<JsValue>, Error> {
    let value = read.get("headers")?;
    if value.is_undefined() {
        return Ok(None);
    }
    if !value.is_object() {
        let allowed = "an object of header names and string values";
        return Err(Failure::invalid("headers", allowed, &kind_of_key(&value)).into());
    }
    Ok(Some(value))
}
