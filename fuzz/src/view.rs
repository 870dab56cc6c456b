//! Parsed JSON as the core looks at it, by the same rules as the view of JavaScript values.

use extracta_wasm::reply::{FileStatus, Json, Kind};
use serde_json::Value;

/// A value that stays where it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a>(pub(crate) &'a Value);

impl Json for View<'_> {
    fn kind(&self) -> Kind {
        match self.0 {
            Value::Object(_) => Kind::Object,
            Value::Array(_) => Kind::Array,
            Value::String(_) => Kind::Text,
            Value::Null | Value::Bool(false) => Kind::Nothing,
            Value::Number(number) if number.as_f64() == Some(0.0) => Kind::Nothing,
            Value::Bool(true) | Value::Number(_) => Kind::Scalar,
        }
    }

    fn member(&self, name: &'static str) -> Option<Self> {
        self.0.get(name).filter(|value| !value.is_null()).map(Self)
    }

    fn text(&self) -> Option<String> {
        self.0.as_str().map(Into::into)
    }

    fn number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn tally(&self, visit: &mut dyn FnMut(FileStatus, u32)) -> bool {
        let status = |file: &Value| match (file.is_object(), file["status"].as_str()) {
            (false, _) => FileStatus::NoFile,
            (true, None) => FileStatus::NoText,
            (true, Some(status)) => FileStatus::Text(status.into()),
        };
        let mut one = |file| visit(status(file), 1);
        match self.0 {
            Value::Array(files) => files.iter().for_each(&mut one),
            Value::Object(files) => files.values().for_each(&mut one),
            _ => return false,
        }
        true
    }
}
