//! Failures as JavaScript sees them.

use js_sys::Error;
use wasm_bindgen::prelude::*;

use super::member::{get, object, set, text};
use crate::error::{Code, Failure, server_message};

#[wasm_bindgen(module = "/src/js/error.js")]
extern "C" {
    fn failure(fields: &JsValue, detail: Option<&str>, cause: &JsValue) -> JsValue;

    // Not called from here: named so that the generated module exports the class. `types.d.ts` declares both.
    #[wasm_bindgen(js_name = ExtractaError, reexport, skip_typescript)]
    fn _error_class();
    #[wasm_bindgen(js_name = isExtractaError, reexport, skip_typescript)]
    fn _is_extracta_error(value: &JsValue, code: &JsValue) -> bool;
}

/// Why a call ends without a result.
pub(crate) enum Stop {
    /// With an error of ours, and what the platform complained of.
    Failed(Box<Failure>, Option<JsValue>),
    /// With somebody else's value: an abort reason, or what a callback of the caller threw.
    Thrown(JsValue),
}

impl Stop {
    /// The value to reject with.
    pub(crate) fn into_js(self) -> JsValue {
        match self {
            Self::Failed(failure, cause) => extracta_error(*failure, cause),
            Self::Thrown(value) => value,
        }
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure), None)
    }
}

fn extracta_error(mut failure: Failure, platform_cause: Option<JsValue>) -> JsValue {
    let cause = match failure.cause.take() {
        Some(cause) => extracta_error(*cause, platform_cause),
        None => platform_cause.unwrap_or(JsValue::UNDEFINED),
    };
    self::failure(&object(&failure.fields()), failure.detail, &cause)
}

/// The platform's complaint as an error of its own that is safe to log: text only, without `secret`. The original may hold
/// the request with its headers.
pub(crate) fn platform_cause(error: &JsValue, secret: Option<&str>) -> JsValue {
    let safe = |value: &JsValue, name| text(value, name).and_then(|text| server_message(&text, secret));
    let cause = Error::new(&safe(error, "message").unwrap_or_default());
    if let Some(name) = safe(error, "name") {
        cause.set_name(&name);
    }
    // Node keeps what matters (ECONNREFUSED, say) one level down.
    if let Some(code) = safe(error, "code").or_else(|| safe(&get(error, "cause"), "code")) {
        set(&cause, "code", &code.into());
    }
    cause.into()
}

/// The failure of every call on a closed client.
pub(crate) fn closed() -> Stop {
    Failure::new(Code::Closed).into()
}
