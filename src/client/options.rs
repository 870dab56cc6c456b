//! The options of a call: their defaults and limits.

use js_sys::{Function, JSON};

use super::config::Config;
use super::error::Error;
use super::number::{Given, MILLISECONDS, MILLISECONDS_OR_INFINITY, THINGS, WEIGHT, checked};
use crate::core::batch::Batch;
use crate::core::error::{Code, Failure};
use crate::core::fingerprint::fingerprint;
use crate::core::poll::{Plan, Saved};
use crate::core::response::OnUnknownStatus;
use crate::core::snapshot::Snapshot;
use crate::web::clock;
use crate::web::reply::Parsed;

const DEFAULT_UPLOAD_TIMEOUT_MS: f64 = 10.0 * 60.0 * 1_000.0;
/// How long a poll may take where nothing is said.
const DEFAULT_TIMEOUT_MS: f64 = 30.0 * 60.0 * 1_000.0;
const DEFAULT_MAX_RETRIES: u32 = 5;

/// The weight of a single request among polls, most of which are only asked whether they are finished: whatever its answer
/// says, somebody waits for it.
const SINGLE_REQUEST_PRIORITY: f32 = 10.0;

/// What the order among many batches goes by.
#[derive(Clone, Copy)]
pub(crate) struct Hints {
    /// 0 where it is not known.
    pub(crate) expected_files: f32,
    pub(crate) priority: f32,
}

/// The arguments of a call, checked.
#[derive(Clone)]
pub(crate) struct CallArguments {
    pub(crate) batch: Batch,
    pub(crate) plan: Plan,
    pub(crate) unknown: OnUnknownStatus,
    pub(crate) hints: Hints,
    /// Whether linked extractions are polled too.
    pub(crate) follows: bool,
    /// On whose behalf: a fingerprint, 0 for nobody's.
    pub(crate) visitor: u64,
    /// In place of the client's.
    pub(crate) fetch: Option<Function>,
}

/// The options of a call, as the caller says them.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallOptions {
    pub(crate) request_timeout_ms: Given,
    pub(crate) timeout_ms: Given,
    pub(crate) interval_ms: Given,
    pub(crate) initial_delay_ms: Given,
    pub(crate) max_retries: Given,
    pub(crate) unknown: Option<OnUnknownStatus>,
    pub(crate) expected_files: Given,
    pub(crate) priority: Given,
    pub(crate) follows: bool,
    /// On whose behalf a single request is made.
    pub(crate) visitor: Option<String>,
    /// The only batch that a snapshot may be of.
    pub(crate) batch: Option<Batch>,
}

/// The limit of an upload, checked.
pub(crate) fn upload_timeout_ms(given: &Given) -> Result<f64, Box<Failure>> {
    checked("uploadTimeoutMs", given, DEFAULT_UPLOAD_TIMEOUT_MS, 1.0, &MILLISECONDS_OR_INFINITY, "")
}

/// What stands where a call's options say nothing.
pub(crate) struct Usual {
    pub(crate) interval_ms: f64,
    /// NaN where that of the poll so far is to stand.
    pub(crate) timeout_ms: f64,
    pub(crate) max_retries: u32,
    pub(crate) unknown: OnUnknownStatus,
    pub(crate) hints: Hints,
}

impl Default for Usual {
    fn default() -> Self {
        Self {
            interval_ms: 0.0,
            timeout_ms: DEFAULT_TIMEOUT_MS,
            max_retries: DEFAULT_MAX_RETRIES,
            unknown: OnUnknownStatus::Wait,
            hints: Hints { expected_files: 0.0, priority: 1.0 },
        }
    }
}

impl CallOptions {
    /// A single request about a batch.
    pub(crate) fn single_request(&self, batch: Batch, config: &Config) -> Result<CallArguments, Error> {
        let ready = config.ready().and_then(|()| Ok(self.request_timeout_ms(config)?));
        let request_timeout_ms = ready.map_err(|error| error.about(&batch, None))?;
        Ok(CallArguments {
            batch,
            plan: Plan::once(config.floor_ms, request_timeout_ms),
            unknown: OnUnknownStatus::Wait,
            hints: Hints { expected_files: 0.0, priority: self.weight(SINGLE_REQUEST_PRIORITY)? },
            follows: false,
            visitor: self.visitor.as_deref().map_or(0, |visitor| fingerprint(&[visitor])),
            fetch: None,
        })
    }

    /// A poll of a batch.
    pub(crate) fn poll(&self, batch: Batch, config: &Config, usual: &Usual) -> Result<CallArguments, Error> {
        self.checked_poll(&batch, config, usual).map_err(|error| error.about(&batch, None))
    }

    fn checked_poll(&self, batch: &Batch, config: &Config, usual: &Usual) -> Result<CallArguments, Error> {
        config.ready()?;
        let floor_ms = config.floor_ms;
        let usual_interval_ms = usual.interval_ms.max(floor_ms);
        let plan = Plan {
            request_timeout_ms: self.request_timeout_ms(config)?,
            interval_ms: checked(
                "intervalMs",
                &self.interval_ms,
                usual_interval_ms,
                floor_ms,
                &MILLISECONDS,
                " (minIntervalMs)",
            )?,
            floor_ms,
            timeout_ms: checked("timeoutMs", &self.timeout_ms, usual.timeout_ms, 1.0, &MILLISECONDS_OR_INFINITY, "")?,
            initial_delay_ms: checked("initialDelayMs", &self.initial_delay_ms, 0.0, 0.0, &MILLISECONDS, "")?,
            max_retries: checked("maxRetries", &self.max_retries, usual.max_retries.into(), 0.0, &THINGS, "")? as u32,
            once: false,
        };
        let files = f64::from(usual.hints.expected_files);
        let hints = Hints {
            expected_files: checked("expectedFiles", &self.expected_files, files, 1.0, &THINGS, "")? as f32,
            priority: self.weight(usual.hints.priority)?,
        };
        let unknown = self.unknown.unwrap_or(usual.unknown);
        Ok(CallArguments { batch: batch.clone(), plan, unknown, hints, follows: self.follows, visitor: 0, fetch: None })
    }

    fn weight(&self, usual: f32) -> Result<f32, Box<Failure>> {
        Ok(checked("priority", &self.priority, usual.into(), 0.01, &WEIGHT, "")? as f32)
    }

    fn request_timeout_ms(&self, config: &Config) -> Result<f64, Box<Failure>> {
        checked("requestTimeoutMs", &self.request_timeout_ms, config.request_timeout_ms, 1.0, &MILLISECONDS, "")
    }

    /// A poll that goes on from a snapshot: what that says, changed by what the options say.
    pub(crate) fn resume(&self, text: &str, config: &Config) -> Result<(CallArguments, Saved), Error> {
        let of_batch = |failure: Failure| match &self.batch {
            Some(batch) => Error::from(failure).about(batch, None),
            None => failure.into(),
        };
        let parsed = JSON::parse(text).ok().map(Parsed);
        let Some(snapshot) = parsed.and_then(|parsed| Snapshot::read(&parsed)) else {
            return Err(of_batch(Failure::new(Code::InvalidSnapshot)));
        };
        let Snapshot { batch, unknown, expected_files, priority, mut saved } = snapshot;
        if self.batch.as_ref().is_some_and(|given| *given != batch) {
            let detail = "The snapshot is of another batch than options.batch. Pass the snapshot of that batch.";
            return Err(of_batch(Failure { detail: Some(detail.into()), ..Failure::new(Code::InvalidSnapshot) }));
        }
        let usual = Usual {
            interval_ms: saved.plan.interval_ms,
            timeout_ms: f64::NAN,
            max_retries: saved.plan.max_retries,
            unknown,
            hints: Hints { expected_files: expected_files as f32, priority: priority as f32 },
        };
        let arguments = self.poll(batch, config, &usual)?;
        let timeout_ms = Some(arguments.plan.timeout_ms).filter(|ms| !ms.is_nan());
        saved.allow(timeout_ms, DEFAULT_TIMEOUT_MS, clock::wall_now());
        saved.plan = Plan { timeout_ms: saved.plan.timeout_ms, ..arguments.plan };
        Ok((CallArguments { plan: saved.plan, ..arguments }, saved))
    }
}
