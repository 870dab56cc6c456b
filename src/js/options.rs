//! Reading what callers pass in: structurally, member by member, each complaint naming the option, what is allowed and the
//! kind of value that came.

use js_sys::{Function, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::error::{Stop, invalid};
use super::member::{get, is_array};

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
        if !value.is_object() || is_array(&value) {
            return Err(invalid(name, "an object", &kind_of(&value)));
        }
        Ok(Self { object: Some(value) })
    }

    /// Whether there is no object.
    pub(crate) fn is_absent(&self) -> bool {
        self.object.is_none()
    }

    /// The member, or `None` when it is undefined. What a getter throws is passed on.
    pub(crate) fn get(&self, name: &str) -> Result<Option<JsValue>, Stop> {
        let Some(object) = &self.object else { return Ok(None) };
        let value = Reflect::get(object, &name.into()).map_err(Stop::Thrown)?;
        Ok((!value.is_undefined()).then_some(value))
    }

    /// A number.
    pub(crate) fn number(&self, number: &Number) -> Result<f64, Stop> {
        let Number { name, default, least, unit, note } = *number;
        let Some(value) = self.get(name)? else { return Ok(default) };
        match value.as_f64() {
            Some(given) if given >= least && unit.takes(given) => Ok(given),
            _ => {
                let mut allowed = String::from(unit.in_words());
                allowed.push_str(", at least ");
                allowed.push_str(&kind_of(&least.into()));
                allowed.push_str(note);
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
    pub(crate) fn id(&self, name: &'static str) -> Result<Option<String>, Stop> {
        let Some(value) = self.get(name)? else { return Ok(None) };
        match value.as_string().filter(|id| !id.is_empty()) {
            Some(id) => Ok(Some(id)),
            None => Err(invalid(name, "a string that is not empty", &kind_of(&value))),
        }
    }

    /// An abort signal.
    pub(crate) fn signal(&self) -> Result<Option<AbortSignal>, Stop> {
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

/// A number among the options.
pub(crate) struct Number {
    pub(crate) name: &'static str,
    /// Where it is not given.
    pub(crate) default: f64,
    pub(crate) least: f64,
    pub(crate) unit: Unit,
    /// Said behind the least, where it needs a reason.
    pub(crate) note: &'static str,
}

/// What a number counts.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Unit {
    Milliseconds,
    MillisecondsOrInfinity,
    Things,
    Weight,
}

impl Unit {
    fn takes(self, number: f64) -> bool {
        match self {
            Self::MillisecondsOrInfinity => true,
            Self::Things => number % 1.0 == 0.0,
            Self::Milliseconds | Self::Weight => number.is_finite(),
        }
    }

    const fn in_words(self) -> &'static str {
        match self {
            Self::Milliseconds => "a finite number of milliseconds",
            Self::MillisecondsOrInfinity => "a number of milliseconds or Infinity",
            Self::Things => "a whole number",
            Self::Weight => "a finite number",
        }
    }
}

/// The limit of one attempt.
pub(crate) fn request_timeout_ms(options: &Options, default_ms: f64) -> Result<f64, Stop> {
    let (name, unit) = ("requestTimeoutMs", Unit::Milliseconds);
    options.number(&Number { name, default: default_ms, least: 1.0, unit, note: "" })
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
    } else if is_array(value) {
        "an array"
    } else if value.is_object() {
        "an object"
    } else {
        "a value of another type"
    };
    kind.into()
}
