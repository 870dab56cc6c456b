//! Why a call ends without a result.

use std::fmt;

use js_sys::Error as JsError;
use wasm_bindgen::prelude::*;

use crate::core::error::{Code, Failure, server_message};
use crate::web::value::{get, set, text};

/// Why a call ended without a result.
///
/// Its text is one line that says what happened and what to do. It holds no API key, no header and nothing of a document.
#[derive(Debug)]
pub struct Error {
    failure: Box<Failure>,
    /// What a function of the caller's threw, or else what the platform complained of.
    value: Option<JsValue>,
}

impl Error {
    /// Which error it is.
    pub fn code(&self) -> Code {
        self.failure.code
    }

    /// Whether the same call may succeed later.
    pub fn is_retryable(&self) -> bool {
        self.failure.code.is_retryable()
    }

    /// The HTTP status, where there was one.
    pub fn http_status(&self) -> Option<u16> {
        self.failure.http_status
    }

    /// What the server said, cut to 200 characters.
    pub fn server_message(&self) -> Option<&str> {
        self.failure.server_message.as_deref()
    }

    /// How many requests the call made.
    pub fn attempts(&self) -> Option<u32> {
        self.failure.attempts
    }

    /// What a poll that ran out of time goes on from, with [`Client::resume`](crate::Client::resume).
    pub fn snapshot(&self) -> Option<&str> {
        self.failure.snapshot.as_deref()
    }

    /// The option at fault, by its name in JavaScript.
    pub fn option(&self) -> Option<&'static str> {
        self.failure.option
    }

    /// What a function of the caller's threw, for a call to end with.
    pub fn thrown(value: JsValue) -> Self {
        Self { failure: Box::new(Failure::new(Code::Thrown)), value: Some(value) }
    }

    pub(crate) fn with_cause(failure: Box<Failure>, cause: Option<JsValue>) -> Self {
        Self { failure, value: cause }
    }

    pub(crate) fn into_parts(self) -> (Box<Failure>, Option<JsValue>) {
        (self.failure, self.value)
    }

    /// The failure of every call on a closed client.
    pub(crate) fn closed() -> Self {
        Failure::new(Code::Closed).into()
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Box::new(failure).into()
    }
}

impl From<Box<Failure>> for Error {
    fn from(failure: Box<Failure>) -> Self {
        Self { failure, value: None }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.failure.fmt(formatter)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&*self.failure)
    }
}

/// The platform's complaint as an error of its own that is safe to log: text only, without `secret`. The original may hold
/// the request with its headers.
pub(crate) fn platform_cause(error: &JsValue, secret: Option<&str>) -> JsValue {
    let safe = |value: &JsValue, name| text(value, name).and_then(|text| server_message(&text, secret));
    let cause = JsError::new(&safe(error, "message").unwrap_or_default());
    if let Some(name) = safe(error, "name") {
        cause.set_name(&name);
    }
    // Node keeps what matters (ECONNREFUSED, say) one level down.
    if let Some(code) = safe(error, "code").or_else(|| safe(&get(error, "cause"), "code")) {
        set(&cause, "code", &code.into());
    }
    cause.into()
}
