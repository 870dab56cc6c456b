//! Members of objects of the caller's, read one by one.

use std::borrow::Cow;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use crate::client::error::Error;
use crate::client::number::Given;
use crate::core::error::{Code, Failure, server_message};
use crate::core::nearest::nearest;
use crate::web::reply::keys_of;
use crate::web::value::{is_array, number_text, own};

/// Reads members of an object of the caller's. What a getter throws is passed on.
pub(super) struct Reader<'a>(pub(super) Option<&'a JsValue>);

impl<'a> Reader<'a> {
    pub(super) fn new(value: &'a JsValue, name: &'static str) -> Result<Self, Error> {
        if value.is_undefined() {
            return Ok(Self(None));
        }
        if value.is_object() && !is_array(value) {
            return Ok(Self(Some(value)));
        }
        Err(Failure::invalid(name, "an object", &kind_of(value)).into())
    }

    /// Options: nothing but these may be among them.
    pub(super) fn options(value: &'a JsValue, of: &str, known: &[&'static str]) -> Result<Self, Error> {
        let options = Self::new(value, "options")?;
        if value.is_undefined() {
            return Ok(options);
        }
        for name in keys_of(value).map_err(Error::thrown)?.iter().filter_map(|name| name.as_string()) {
            if !known.contains(&name.as_str()) {
                return Err(unknown(&name, of, known).into());
            }
        }
        Ok(options)
    }

    /// A member of the object's own or of its class. What code of others added to all objects is not meant for us.
    pub(super) fn get(&self, name: &'static str) -> Result<JsValue, Error> {
        self.0.map_or(Ok(JsValue::UNDEFINED), |object| own(object, name).map_err(Error::thrown))
    }

    /// What may be a number.
    pub(super) fn number(&self, name: &'static str) -> Result<Given, Error> {
        let value = self.get(name)?;
        Ok(match value.as_f64() {
            Some(number) => Given::Number(number),
            None if value.is_undefined() => Given::Nothing,
            None => Given::Other(kind_of(&value)),
        })
    }

    pub(super) fn function(&self, name: &'static str) -> Result<Option<Function>, Error> {
        let value = self.get(name)?;
        if value.is_undefined() {
            return Ok(None);
        }
        value.dyn_into().map(Some).map_err(|value| Failure::invalid(name, "a function", &kind_of(&value)).into())
    }

    pub(super) fn flag(&self, name: &'static str) -> Result<bool, Error> {
        let value = self.get(name)?;
        if value.is_undefined() {
            return Ok(false);
        }
        value.as_bool().ok_or_else(|| Failure::invalid(name, "true or false", &kind_of(&value)).into())
    }
}

fn unknown(name: &str, of: &str, known: &[&'static str]) -> Box<Failure> {
    let name = server_message(name, None).unwrap_or_default();
    let advice = match nearest(&name, known) {
        Some(meant) => [". Did you mean ", meant, "?"].concat(),
        None => {
            let known: Vec<String> = known.iter().map(|name| (*name).into()).collect();
            ["; it takes ", &known.join(", "), "."].concat()
        }
    };
    let detail = Some(["\"", &name, "\" is not an option of ", of, &advice].concat().into());
    Box::new(Failure { option: Some(name.into()), detail, ..Failure::new(Code::InvalidOption) })
}

/// The kind of what should have been a key. Such a number is as secret as a text.
pub(super) fn kind_of_key(value: &JsValue) -> Cow<'static, str> {
    if value.as_f64().is_some() { "a number".into() } else { kind_of(value) }
}

/// The kind of a value, in words. Numbers are shown, as they are no secret and often the point; text is not.
pub(super) fn kind_of(value: &JsValue) -> Cow<'static, str> {
    if let Some(number) = value.as_f64() {
        return number_text(number).into();
    }
    if is_array(value) {
        return "an array".into();
    }
    let text = value.as_string();
    match () {
        () if value.is_null() => "null",
        () if value.is_undefined() => "undefined",
        () if text.is_some_and(|text| text.is_empty()) => "an empty string",
        () if value.is_string() => "a string",
        () if value.as_bool().is_some() => "a boolean",
        () if value.is_function() => "a function",
        () if value.is_object() => "an object",
        () => "a value of another type",
    }
    .into()
}
