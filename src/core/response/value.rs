//! Replies that `serde_json` parsed, for those who have no JavaScript: tests, and Rust programs outside of browsers.

use serde_json::Value;

use super::{FileStatus, Json, Kind};

impl Json for &Value {
    fn kind(&self) -> Kind {
        match self {
            Value::Object(_) => Kind::Object,
            Value::Array(_) => Kind::Array,
            Value::String(_) => Kind::Text,
            Value::Null | Value::Bool(false) => Kind::Nothing,
            Value::Number(number) if number.as_f64() == Some(0.0) => Kind::Nothing,
            Value::Bool(true) | Value::Number(_) => Kind::Scalar,
        }
    }

    fn member(&self, name: &'static str) -> Option<Self> {
        self.get(name).filter(|value| !value.is_null())
    }

    fn text(&self) -> Option<String> {
        self.as_str().map(Into::into)
    }

    fn number(&self) -> Option<f64> {
        self.as_f64()
    }

    fn tally(&self, visit: &mut dyn FnMut(FileStatus, u32)) -> bool {
        let mut one = |file: &Value| {
            let status = match (file.as_object(), file.get("status").and_then(Value::as_str)) {
                (None, _) => FileStatus::NoFile,
                (Some(_), None) => FileStatus::NoText,
                (Some(_), Some(status)) => FileStatus::Text(status.into()),
            };
            visit(status, 1);
        };
        match self {
            Value::Array(files) => files.iter().for_each(&mut one),
            Value::Object(files) => files.values().for_each(&mut one),
            _ => return false,
        }
        true
    }
}
