//! The reply as the core looks at it: where the platform parsed it, member by member.

use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;

use super::member::get;
use crate::reply::{Json, Kind};

/// A parsed JSON value that stays in JavaScript.
pub(crate) struct Parsed(pub(crate) JsValue);

impl Json for Parsed {
    fn kind(&self) -> Kind {
        if self.0.is_string() {
            Kind::Text
        } else if self.0.is_falsy() {
            Kind::Nothing
        } else if Array::is_array(&self.0) {
            Kind::Array
        } else if self.0.is_object() {
            Kind::Object
        } else {
            Kind::Scalar
        }
    }

    fn member(&self, name: &'static str) -> Option<Self> {
        let value = get(&self.0, name);
        (!value.is_undefined() && !value.is_null()).then_some(Self(value))
    }

    fn text(&self) -> Option<String> {
        self.0.as_string()
    }

    fn number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn each(&self, visit: &mut dyn FnMut(Self)) {
        for value in values(&self.0).iter() {
            visit(Self(value));
        }
    }
}

/// The elements of an array, or the values of an object; nothing for anything else.
pub(crate) fn values(list: &JsValue) -> Array {
    match list.dyn_ref::<Array>() {
        Some(array) => array.clone(),
        None => list.dyn_ref::<Object>().map_or_else(Array::new, Object::values),
    }
}
