//! Reading what callers pass in: structurally, member by member, each complaint naming the option, what is allowed and the
//! kind of value that came.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::config::Config;
use super::error::{Stop, invalid};
use super::member::get;
use crate::job::{Endpoint, Job};
use crate::poll::Plan;
use crate::reply::OnUnknownStatus;

const DEFAULT_TIMEOUT_MS: f64 = 30.0 * 60.0 * 1_000.0;
const DEFAULT_MAX_RETRIES: u32 = 5;

/// An object of options, or none.
pub(crate) struct Options {
    object: Option<JsValue>,
}

impl Options {
    /// `name` is what the parameter is called in complaints.
    pub(crate) fn new(value: JsValue, name: &'static str) -> Result<Self, Stop> {
        if value.is_undefined() {
            return Ok(Self { object: None });
        }
        if !value.is_object() || Array::is_array(&value) {
            return Err(invalid(name, "an object", &kind_of(&value)));
        }
        Ok(Self { object: Some(value) })
    }

    /// The member, or `None` when it is undefined. What a getter throws is passed on.
    pub(crate) fn get(&self, name: &str) -> Result<Option<JsValue>, Stop> {
        let Some(object) = &self.object else { return Ok(None) };
        let value = Reflect::get(object, &name.into()).map_err(Stop::Thrown)?;
        Ok((!value.is_undefined()).then_some(value))
    }

    /// A duration of at least `least`, which `least_is` puts into words.
    pub(crate) fn duration_ms(
        &self,
        name: &'static str,
        default: f64,
        least: f64,
        least_is: &str,
        may_be_infinite: bool,
    ) -> Result<f64, Stop> {
        let Some(value) = self.get(name)? else { return Ok(default) };
        match value.as_f64() {
            Some(ms) if ms >= least && (ms.is_finite() || may_be_infinite) => Ok(ms),
            _ => {
                let mut allowed = String::from(if may_be_infinite {
                    "a number of milliseconds or Infinity, "
                } else {
                    "a finite number of milliseconds, "
                });
                allowed.push_str(least_is);
                Err(invalid(name, &allowed, &kind_of(&value)))
            }
        }
    }

    /// A function.
    pub(crate) fn function(&self, name: &'static str) -> Result<Option<Function>, Stop> {
        self.get(name)?
            .map(|value| value.dyn_into::<Function>().map_err(|value| invalid(name, "a function", &kind_of(&value))))
            .transpose()
    }

    /// A boolean, false by default.
    pub(crate) fn flag(&self, name: &'static str) -> Result<bool, Stop> {
        let Some(value) = self.get(name)? else { return Ok(false) };
        value.as_bool().ok_or_else(|| invalid(name, "true or false", &kind_of(&value)))
    }

    /// An id: text that is not empty.
    fn id(&self, name: &'static str) -> Result<Option<String>, Stop> {
        let Some(value) = self.get(name)? else { return Ok(None) };
        match value.as_string().filter(|id| !id.is_empty()) {
            Some(id) => Ok(Some(id)),
            None => Err(invalid(name, "a string that is not empty", &kind_of(&value))),
        }
    }

    fn signal(&self) -> Result<Option<AbortSignal>, Stop> {
        let Some(value) = self.get("signal")? else { return Ok(None) };
        // By shape, not class: the signal may come from another realm or a polyfill.
        let listens = get(&value, "addEventListener").is_function();
        let aborted = get(&value, "aborted").as_bool().is_some();
        if listens && aborted {
            Ok(Some(value.unchecked_into()))
        } else {
            Err(invalid("signal", "an AbortSignal", &kind_of(&value)))
        }
    }
}

/// The batch named by a caller; `endpoint` where the method allows one kind only.
pub(crate) fn job(batch: JsValue, endpoint: Option<Endpoint>) -> Result<Job, Stop> {
    let got = kind_of(&batch);
    let ids = Options::new(batch, "batch")?;
    if ids.object.is_none() {
        return Err(invalid("batch", "an object with extractionId or classificationId, and batchId", &got));
    }
    let extraction = ids.id("extractionId")?;
    let classification = ids.id("classificationId")?;
    let (named, template_id) = match (extraction, classification) {
        (Some(id), None) => (Endpoint::Extraction, id),
        (None, Some(id)) => (Endpoint::Classification, id),
        (Some(_), Some(_)) => {
            return Err(invalid("batch", "an object with either extractionId or classificationId", "both"));
        }
        (None, None) => {
            return Err(match endpoint {
                Some(endpoint) => invalid(endpoint.template_member(), "a string that is not empty", "undefined"),
                None => invalid("batch", "an object with extractionId or classificationId", "neither"),
            });
        }
    };
    if let Some(endpoint) = endpoint.filter(|endpoint| *endpoint != named) {
        return Err(invalid("batch", wanted(endpoint), named.template_member()));
    }
    let Some(batch_id) = ids.id("batchId")? else {
        return Err(invalid("batchId", "a string that is not empty", "undefined"));
    };
    Ok(Job { endpoint: named, template_id, batch_id, file_id: ids.id("fileId")? })
}

/// What a method that asks one endpoint wants to be given.
const fn wanted(endpoint: Endpoint) -> &'static str {
    match endpoint {
        Endpoint::Extraction => "one with extractionId (getClassificationResults is for the other kind)",
        Endpoint::Classification => "one with classificationId (getBatchResults is for the other kind)",
    }
}

/// The limit of one attempt.
pub(crate) fn request_timeout_ms(options: &Options, default_ms: f64) -> Result<f64, Stop> {
    options.duration_ms("requestTimeoutMs", default_ms, 1.0, "at least 1", false)
}

/// Options of one request.
pub(crate) struct RequestOptions {
    pub(crate) signal: Option<AbortSignal>,
    pub(crate) plan: Plan,
}

pub(crate) fn request_options(options: &Options, config: &Config) -> Result<RequestOptions, Stop> {
    let request_timeout_ms = request_timeout_ms(options, config.request_timeout_ms)?;
    Ok(RequestOptions { signal: options.signal()?, plan: Plan::once(config.floor_ms, request_timeout_ms) })
}

/// Options of a poll.
pub(crate) struct PollOptions {
    pub(crate) request: RequestOptions,
    pub(crate) on_progress: Option<Function>,
    pub(crate) on_unknown_status: OnUnknownStatus,
}

pub(crate) fn poll_options(options: &Options, config: &Config) -> Result<PollOptions, Stop> {
    let RequestOptions { signal, plan: once } = request_options(options, config)?;
    let floor_ms = config.floor_ms;
    let mut at_least_floor = String::from("at least ");
    at_least_floor.push_str(itoa::Buffer::new().format(floor_ms as u64));
    at_least_floor.push_str(" (minIntervalMs)");
    let max_retries = match options.get("maxRetries")? {
        None => DEFAULT_MAX_RETRIES,
        Some(value) => match value.as_f64() {
            Some(times) if (0.0..=1_000_000.0).contains(&times) && times % 1.0 == 0.0 => times as u32,
            _ => return Err(invalid("maxRetries", "a whole number from 0 to 1000000", &kind_of(&value))),
        },
    };
    let on_unknown_status = match options.get("onUnknownStatus")? {
        None => OnUnknownStatus::Wait,
        Some(value) => match value.as_string().as_deref() {
            Some("wait") => OnUnknownStatus::Wait,
            Some("done") => OnUnknownStatus::Done,
            Some("throw") => OnUnknownStatus::Throw,
            _ => return Err(invalid("onUnknownStatus", "\"wait\", \"done\" or \"throw\"", &kind_of(&value))),
        },
    };
    let plan = Plan {
        interval_ms: options.duration_ms("intervalMs", floor_ms, floor_ms, &at_least_floor, false)?,
        timeout_ms: options.duration_ms("timeoutMs", DEFAULT_TIMEOUT_MS, 1.0, "at least 1", true)?,
        initial_delay_ms: options.duration_ms("initialDelayMs", 0.0, 0.0, "at least 0", false)?,
        max_retries,
        once: false,
        ..once
    };
    let request = RequestOptions { signal, plan };
    Ok(PollOptions { request, on_progress: options.function("onProgress")?, on_unknown_status })
}

/// The kind of a value, in words. Numbers are shown, as they are no secret and often the point; text is not.
pub(crate) fn kind_of(value: &JsValue) -> String {
    if let Some(number) = value.as_f64() {
        return js_sys::Number::from(number).to_string_with_radix(10).map_or_else(|_| "a number".into(), String::from);
    }
    let kind = if value.is_undefined() {
        "undefined"
    } else if value.is_null() {
        "null"
    } else if value.is_string() {
        if value.as_string().is_some_and(|text| text.is_empty()) { "an empty string" } else { "a string" }
    } else if value.as_bool().is_some() {
        "a boolean"
    } else if value.is_function() {
        "a function"
    } else if Array::is_array(value) {
        "an array"
    } else if value.is_object() {
        "an object"
    } else {
        "a value of another type"
    };
    kind.into()
}
