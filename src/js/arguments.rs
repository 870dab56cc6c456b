//! What callers pass to a method: the batch, and the options of the call. `options.js` reads and checks them.

use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::config::Config;
use super::error::Stop;
use crate::job::Endpoint;
use crate::poll::Plan;
use crate::reply::OnUnknownStatus;

/// How long a poll may take where nothing is said. `options.js` says the same.
pub(crate) const DEFAULT_TIMEOUT_MS: f64 = 30.0 * 60.0 * 1_000.0;

#[wasm_bindgen(module = "/src/js/options.js")]
extern "C" {
    /// What was given, checked, or why not.
    #[derive(Clone)]
    pub(crate) type Given;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn thrown(this: &Given) -> JsValue;

    #[wasm_bindgen(method, getter)]
    fn ids(this: &Given) -> Ids;

    /// The ids of a batch, which is also the body of a request.
    pub(crate) type Ids;

    #[wasm_bindgen(method, getter, js_name = batchId)]
    pub(crate) fn batch_id(this: &Ids) -> String;

    #[wasm_bindgen(method, getter)]
    fn signal(this: &Given) -> Option<AbortSignal>;

    #[wasm_bindgen(method, getter)]
    fn tell(this: &Given) -> Option<Function>;

    fn question(config: &Given, batch: &JsValue, options: &JsValue, endpoint: u32, numbers: &mut [f64]) -> Given;

    fn poll(config: &Given, batch: &JsValue, options: &JsValue, numbers: &mut [f64]) -> Given;

    fn resumption(
        config: &Given,
        options: &JsValue,
        interval_ms: f64,
        max_retries: u32,
        unknown: u32,
        expected_files: f64,
        priority: f64,
        numbers: &mut [f64],
    ) -> Given;
}

/// The numbers of a call as they are before they are read. What they stay, where something was not what it must be.
const UNREAD: [f64; 13] = [f64::NAN; 13];

/// A call: its batch, and its options.
pub(crate) struct CallOptions {
    /// Not known of a poll that goes on, whose snapshot says it.
    pub(crate) ids: Ids,
    pub(crate) endpoint: Endpoint,
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

impl CallOptions {
    /// Of a single question.
    pub(crate) fn of_question(
        config: &Config,
        batch: &JsValue,
        options: &JsValue,
        endpoint: Endpoint,
    ) -> Result<Self, Stop> {
        let mut numbers = UNREAD;
        let given = question(&config.given, batch, options, endpoint as u32, &mut numbers);
        Self::of(config, &given, &numbers)
    }

    /// Of a poll.
    pub(crate) fn of_poll(config: &Config, batch: &JsValue, options: &JsValue) -> Result<Self, Stop> {
        let mut numbers = UNREAD;
        let given = poll(&config.given, batch, options, &mut numbers);
        Self::of(config, &given, &numbers)
    }

    /// Of a poll that goes on. Its time is no number where none is given.
    pub(crate) fn of_resumption(
        config: &Config,
        options: &JsValue,
        plan: &Plan,
        unknown: OnUnknownStatus,
        (expected_files, priority): (f64, f64),
    ) -> Result<Self, Stop> {
        let mut numbers = UNREAD;
        let given = resumption(
            &config.given,
            options,
            plan.interval_ms,
            plan.max_retries,
            unknown as u32,
            expected_files,
            priority,
            &mut numbers,
        );
        Self::of(config, &given, &numbers)
    }

    // Not inlined: it is used three times.
    #[inline(never)]
    fn of(config: &Config, given: &Given, numbers: &[f64; 13]) -> Result<Self, Stop> {
        let [
            interval_ms,
            timeout_ms,
            initial_delay_ms,
            max_retries,
            request_timeout_ms,
            is_question,
            unknown,
            expected_files,
            priority,
            follows,
            endpoint,
            has_signal,
            tells,
        ] = *numbers;
        if tells.is_nan() {
            return Err(Stop::Thrown(given.thrown()));
        }
        let plan = Plan {
            interval_ms,
            floor_ms: config.floor_ms,
            timeout_ms,
            initial_delay_ms,
            max_retries: max_retries as u32,
            request_timeout_ms,
            once: is_question > 0.0,
        };
        Ok(Self {
            ids: given.ids(),
            endpoint: if endpoint > 0.0 { Endpoint::Classification } else { Endpoint::Extraction },
            signal: if has_signal > 0.0 { given.signal() } else { None },
            plan,
            unknown: OnUnknownStatus::ALL.get(unknown as usize).copied().unwrap_or(OnUnknownStatus::Wait),
            hints: Hints { expected_files: expected_files as f32, priority: priority as f32 },
            tell: if tells > 0.0 { given.tell() } else { None },
            follows: follows > 0.0,
        })
    }
}
