//! The reply as the core looks at it: where the platform parsed it, member by member.

use wasm_bindgen::prelude::*;

use super::member::{get, is_array};
use super::results::tally;
use crate::reply::{FileStatus, Json, Kind};

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

    fn tally(&self, visit: &mut dyn FnMut(FileStatus, u32)) -> bool {
        let Some(tally) = tally(&self.0) else { return false };
        let mut next = 0;
        while next < tally.length() {
            let (status, files) = (tally.get(next), tally.get(next + 1));
            let status = match status.as_string() {
                Some(status) => FileStatus::Text(status),
                None if status.is_undefined() => FileStatus::NoFile,
                None => FileStatus::NoText,
            };
            visit(status, files.as_f64().unwrap_or_default() as u32);
            next += 2;
        }
        true
    }
}
