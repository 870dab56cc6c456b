//! The reply as the core looks at it: where the platform parsed it, member by member.

use js_sys::Array;
use wasm_bindgen::prelude::*;

use super::member::{elements, entries, get, is_array};
use crate::reply::{Json, Kind};

/// A parsed JSON value that stays in JavaScript.
pub(crate) struct Parsed(pub(crate) JsValue);

impl Json for Parsed {
    fn kind(&self) -> Kind {
        if self.0.is_string() {
            Kind::Text
        } else if self.0.is_falsy() {
            Kind::Nothing
        } else if is_array(&self.0) {
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

    fn each(&self, visit: &mut dyn FnMut(Self)) -> bool {
        let (list, keyed) = match is_array(&self.0) {
            true => (elements(&self.0), false),
            false => (entries(&self.0), true),
        };
        let Some(list) = list else { return false };
        for element in list.iter() {
            // The value of a pair of key and value.
            visit(Self(if keyed { element.unchecked_into::<Array>().get(1) } else { element }));
        }
        true
    }
}
