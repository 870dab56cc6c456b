//! What callers pass to a method: the batch, and the options of the call. `options.js` reads and checks them.

use js_sys::{Float64Array, Function};
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
    fn numbers(this: &Given) -> Option<Float64Array>;

    #[wasm_bindgen(method, getter)]
    fn thrown(this: &Given) -> JsValue;

    /// The ids of the batch, which is also the body of a request.
    #[wasm_bindgen(method, getter)]
    fn ids(this: &Given) -> JsValue;

    #[wasm_bindgen(method, getter)]
    fn signal(this: &Given) -> Option<AbortSignal>;

    #[wasm_bindgen(method, getter)]
    fn tell(this: &Given) -> Option<Function>;

    fn question(config: &Given, batch: &JsValue, options: &JsValue, endpoint: u32) -> Given;

    fn poll(config: &Given, batch: &JsValue, options: &JsValue) -> Given;

    fn resumption(
        config: &Given,
        options: &JsValue,
        interval_ms: f64,
        max_retries: u32,
        unknown: u32,
        expected_files: f64,
        priority: f64,
    ) -> Given;
}

impl Given {
    /// The numbers among it, or what to throw.
    pub(crate) fn numbers_or_why<const N: usize>(&self) -> Result<[f64; N], Stop> {
        let given = self.numbers().ok_or_else(|| Stop::Thrown(self.thrown()))?;
        let mut numbers = [0.0; N];
        given.copy_to(&mut numbers);
        Ok(numbers)
    }
}

/// A call: its batch, and its options.
pub(crate) struct CallOptions {
    /// Not known of a poll that goes on, whose snapshot says it.
    pub(crate) ids: JsValue,
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
        Self::of(question(&config.given, batch, options, endpoint as u32), config)
    }

    /// Of a poll.
    pub(crate) fn of_poll(config: &Config, batch: &JsValue, options: &JsValue) -> Result<Self, Stop> {
        Self::of(poll(&config.given, batch, options), config)
    }

    /// Of a poll that goes on. Its time is no number where none is given.
    pub(crate) fn of_resumption(
        config: &Config,
        options: &JsValue,
        plan: &Plan,
        unknown: OnUnknownStatus,
        (expected_files, priority): (f64, f64),
    ) -> Result<Self, Stop> {
        let (interval_ms, max_retries, unknown) = (plan.interval_ms, plan.max_retries, unknown as u32);
        let given = &config.given;
        Self::of(resumption(given, options, interval_ms, max_retries, unknown, expected_files, priority), config)
    }

    fn of(given: Given, config: &Config) -> Result<Self, Stop> {
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
        ] = given.numbers_or_why()?;
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
            signal: given.signal(),
            plan,
            unknown: OnUnknownStatus::ALL.get(unknown as usize).copied().unwrap_or(OnUnknownStatus::Wait),
            hints: Hints { expected_files: expected_files as f32, priority: priority as f32 },
            tell: if is_question > 0.0 { None } else { given.tell() },
            follows: follows > 0.0,
        })
    }
}
