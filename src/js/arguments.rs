//! What callers pass to a method: the batch, and the options of the call.

use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::config::Config;
use super::error::{Stop, invalid};
use super::options::{Number, Options, Unit, kind_of, request_timeout_ms};
use crate::job::{Endpoint, Job};
use crate::poll::Plan;
use crate::reply::OnUnknownStatus;

pub(crate) const DEFAULT_TIMEOUT_MS: f64 = 30.0 * 60.0 * 1_000.0;
const DEFAULT_MAX_RETRIES: u32 = 5;

/// The weight of a single question among polls, most of which are only asked whether they are finished.
const QUESTION_PRIORITY: f32 = 10.0;

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
    pub(crate) hints: Hints,
    /// Told of each reply.
    pub(crate) tell: Option<Function>,
    /// Whether linked extractions are polled too.
    pub(crate) follows: bool,
}

/// What the order among many batches goes by.
#[derive(Clone, Copy)]
pub(crate) struct Hints {
    /// 0 where it is not known.
    pub(crate) expected_files: f32,
    pub(crate) priority: f32,
}

impl Hints {
    pub(crate) fn read(options: &Options, otherwise: Self) -> Result<Self, Stop> {
        let number = |name, default: f32, least, unit| {
            options.number(&Number { name, default: default.into(), least, unit, note: "" }).map(|number| number as f32)
        };
        Ok(Self {
            expected_files: number("expectedFiles", otherwise.expected_files, 1.0, Unit::Things)?,
            priority: number("priority", otherwise.priority, 0.01, Unit::Weight)?,
        })
    }
}

impl CallOptions {
    /// What a poll does where nothing is said.
    pub(crate) fn usual() -> Self {
        let plan = Plan { timeout_ms: DEFAULT_TIMEOUT_MS, max_retries: DEFAULT_MAX_RETRIES, ..Plan::once(0.0, 0.0) };
        Self {
            signal: None,
            plan,
            unknown: OnUnknownStatus::Wait,
            hints: Hints { expected_files: 0.0, priority: 1.0 },
            tell: None,
            follows: false,
        }
    }
}

/// Options of a single question.
pub(crate) fn request_options(options: &Options, config: &Config) -> Result<CallOptions, Stop> {
    let plan = Plan::once(config.floor_ms, request_timeout_ms(options, config.request_timeout_ms)?);
    // Whatever the answer says, somebody waits for it.
    let hints = Hints { expected_files: 0.0, priority: QUESTION_PRIORITY };
    Ok(CallOptions { signal: options.signal()?, plan, hints, ..CallOptions::usual() })
}

/// Options of a poll: those of a question, and more. `otherwise` holds what they are where they are not given.
pub(crate) fn poll_options(options: &Options, config: &Config, otherwise: &CallOptions) -> Result<CallOptions, Stop> {
    let question = request_options(options, config)?;
    let number = |name, default, least, unit, note| options.number(&Number { name, default, least, unit, note });
    let unknown = match options.get("onUnknownStatus")? {
        None => otherwise.unknown,
        Some(value) => match value.as_string().as_deref().and_then(OnUnknownStatus::named) {
            Some(unknown) => unknown,
            None => return Err(invalid("onUnknownStatus", "\"wait\", \"done\" or \"throw\"", &kind_of(&value))),
        },
    };
    let (floor_ms, usual) = (config.floor_ms, &otherwise.plan);
    let interval_ms = usual.interval_ms.max(floor_ms);
    let plan = Plan {
        interval_ms: number("intervalMs", interval_ms, floor_ms, Unit::Milliseconds, " (minIntervalMs)")?,
        timeout_ms: number("timeoutMs", usual.timeout_ms, 1.0, Unit::MillisecondsOrInfinity, "")?,
        initial_delay_ms: number("initialDelayMs", 0.0, 0.0, Unit::Milliseconds, "")?,
        max_retries: number("maxRetries", usual.max_retries.into(), 0.0, Unit::Things, "")? as u32,
        once: false,
        ..question.plan
    };
    Ok(CallOptions {
        plan,
        unknown,
        hints: Hints::read(options, otherwise.hints)?,
        tell: options.function("onProgress")?,
        follows: options.flag("followExtractions")?,
        ..question
    })
}
