//! The reply as the core looks at it: where the platform parsed it, member by member.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;

use super::member::get_by;
use super::results::{kind_of, tally};
use crate::reply::{FileStatus, Json, Kind};

thread_local! {
    /// Names as JavaScript has them: copying one each time costs more than the look at the member.
    static NAMES: RefCell<Vec<(&'static str, JsValue)>> = const { RefCell::new(Vec::new()) };
}

/// A parsed JSON value that stays in JavaScript.
pub(crate) struct Parsed(pub(crate) JsValue);

impl Json for Parsed {
    fn kind(&self) -> Kind {
        Kind::ALL.get(kind_of(&self.0) as usize).copied().unwrap_or(Kind::Scalar)
    }

    fn member(&self, name: &'static str) -> Option<Self> {
        let js_name = NAMES.with_borrow_mut(|names| {
            let known = names.iter().find(|(known, _)| std::ptr::eq(*known, name));
            let js_name = known.map_or_else(|| JsValue::from_str(name), |(_, js_name)| js_name.clone());
            if known.is_none() {
                names.push((name, js_name.clone()));
            }
            js_name
        });
        // By itself, as a getter of a caller's object may come back here.
        get_by(&self.0, &js_name).map(|member| Self(member.into()))
    }

    fn text(&self) -> Option<String> {
        self.0.as_string()
    }

    fn number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn tally(&self, visit: &mut dyn FnMut(FileStatus, u32)) -> bool {
        let Some(tally) = tally(&self.0) else { return false };
        for pair in tally.chunks_exact(2) {
            let [status, files] = pair else { continue };
            let status = match status.as_string() {
                Some(status) => FileStatus::Text(status),
                None if status.is_undefined() => FileStatus::NoFile,
                None => FileStatus::NoText,
            };
            visit(status, files.as_f64().unwrap_or_default() as u32);
        }
        true
    }
}
