//! Numbers that callers give. A complaint names the option, what is allowed and what came.

use std::borrow::Cow;
use std::time::Duration;

use crate::core::error::Failure;
use crate::web::value::number_text;

/// What a number counts, in words, and whether one does.
pub(super) struct Measure {
    words: &'static str,
    counts: fn(f64) -> bool,
}

pub(super) const MILLISECONDS: Measure = Measure { words: "a finite number of milliseconds", counts: f64::is_finite };
pub(super) const MILLISECONDS_OR_INFINITY: Measure =
    Measure { words: "a number of milliseconds or Infinity", counts: |number| !number.is_nan() };
pub(super) const THINGS: Measure =
    Measure { words: "a whole number", counts: |number| number.is_finite() && number.fract() == 0.0 };
pub(super) const WEIGHT: Measure = Measure { words: "a finite number", counts: f64::is_finite };

/// A number, as the caller gives it.
#[derive(Clone, Debug, Default)]
pub(crate) enum Given {
    #[default]
    Nothing,
    Number(f64),
    /// Something else, of this kind.
    Other(Cow<'static, str>),
}

impl Given {
    /// This one, or where nothing is given the other.
    pub(crate) fn or(self, other: Self) -> Self {
        if matches!(self, Self::Nothing) { other } else { self }
    }
}

impl From<f64> for Given {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

/// A duration, as options have it.
pub(super) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// The number of the option `name`, which is at least `least`; `otherwise` where nothing is given.
pub(super) fn checked(
    name: &'static str,
    given: &Given,
    otherwise: f64,
    least: f64,
    measure: &Measure,
    note: &str,
) -> Result<f64, Box<Failure>> {
    let got = match given {
        Given::Nothing => return Ok(otherwise),
        Given::Number(number) if *number >= least && (measure.counts)(*number) => return Ok(*number),
        Given::Number(number) => number_text(*number).into(),
        Given::Other(kind) => kind.clone(),
    };
    let allowed = [measure.words, ", at least ", &number_text(least), note].concat();
    Err(Failure::invalid(name, &allowed, &got))
}
