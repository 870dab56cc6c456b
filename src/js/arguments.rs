//! What callers pass to a method: the batch, and the options of the call.

use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::config::Config;
use super::error::{Stop, invalid};
use super::options::{Options, kind_of, request_timeout_ms};
use crate::job::{Endpoint, Job};
use crate::poll::Plan;
use crate::reply::OnUnknownStatus;

const DEFAULT_TIMEOUT_MS: f64 = 30.0 * 60.0 * 1_000.0;
const DEFAULT_MAX_RETRIES: u32 = 5;

/// The batch named by a caller; `endpoint` where the method allows one kind only.
pub(crate) fn job(batch: JsValue, endpoint: Option<Endpoint>) -> Result<Job, Stop> {
    let got = kind_of(&batch);
    let ids = Options::new(batch, "batch")?;
    if ids.is_absent() {
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

/// Options of a call.
pub(crate) struct CallOptions {
    pub(crate) signal: Option<AbortSignal>,
    pub(crate) plan: Plan,
    pub(crate) unknown: OnUnknownStatus,
    /// Told of each reply.
    pub(crate) tell: Option<Function>,
}

/// Options of a single question.
pub(crate) fn request_options(options: &Options, config: &Config) -> Result<CallOptions, Stop> {
    let request_timeout_ms = request_timeout_ms(options, config.request_timeout_ms)?;
    Ok(CallOptions {
        signal: options.signal()?,
        plan: Plan::once(config.floor_ms, request_timeout_ms),
        unknown: OnUnknownStatus::Wait,
        tell: None,
    })
}

/// Options of a poll: those of a question, and more.
pub(crate) fn poll_options(options: &Options, config: &Config) -> Result<CallOptions, Stop> {
    let question = request_options(options, config)?;
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
    let unknown = match options.get("onUnknownStatus")? {
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
        ..question.plan
    };
    Ok(CallOptions { plan, unknown, tell: options.function("onProgress")?, ..question })
}
