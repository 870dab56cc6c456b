//! Why a call ends without a result.

use std::fmt;

use js_sys::Error as JsError;
use wasm_bindgen::prelude::*;

use crate::core::arrival::Arrival;
use crate::core::batch::{Batch, Endpoint};
use crate::core::error::{Code, Failure, server_message};
use crate::web::value::{get, set, text};

/// Why a call ended without a result.
///
/// Its text is one line that says what happened and what to do. It holds no API key, no header and nothing of a document.
///
/// ```no_run
/// # async fn example(client: extracta_wasm::Client, batch: extracta_wasm::Batch) {
/// use extracta_wasm::Code;
///
/// match client.poll_until_done::<serde_json::Value>(batch).await {
///     Ok(results) => println!("{} files", results.files.len()),
///     Err(error) if error.code() == Code::Unauthenticated => println!("Sign in again."),
///     Err(error) if error.is_retryable() => println!("Not now: {error}"),
///     Err(error) => println!("{}: {error}", error.code().as_str()),
/// }
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Error {
    failure: Box<Failure>,
    /// What a function of the caller's threw, or else what the platform complained of.
    value: Option<Held>,
}

/// Errors are `Send` and `Sync`, as whoever takes any error asks for, `anyhow` and Leptos among them. Not in the npm package: no
/// Rust code gets one there, and to compare threads takes 11 KB.
#[cfg(not(feature = "npm"))]
type Held = send_wrapper::SendWrapper<JsValue>;
#[cfg(feature = "npm")]
type Held = JsValue;

fn hold(value: JsValue) -> Held {
    #[cfg(not(feature = "npm"))]
    let value = send_wrapper::SendWrapper::new(value);
    value
}

fn release(held: Held) -> JsValue {
    #[cfg(not(feature = "npm"))]
    let held = held.take();
    held
}

impl Error {
    /// Which error it is.
    pub fn code(&self) -> Code {
        self.failure.code
    }

    /// Whether the same call may succeed later, and does no harm. False if it would upload files again that may have arrived.
    pub fn is_retryable(&self) -> bool {
        self.failure.is_retryable()
    }

    /// The HTTP status, where there was one.
    pub fn http_status(&self) -> Option<u16> {
        self.failure.http_status
    }

    /// The endpoint that the request went to.
    pub fn endpoint(&self) -> Option<Endpoint> {
        self.failure.endpoint
    }

    /// The batch, where that is known; after an upload, the batch that the upload made.
    pub fn batch(&self) -> Option<&Batch> {
        self.failure.batch.as_deref().filter(|batch| !batch.batch_id.is_empty())
    }

    /// Of a call that uploads: whether the files may have arrived, and may be billed.
    pub fn files_may_have_arrived(&self) -> Option<bool> {
        self.failure.upload.map(|arrival| arrival != Arrival::NotTaken)
    }

    /// The batch's id, where that is known.
    pub fn batch_id(&self) -> Option<&str> {
        self.batch().map(|batch| &*batch.batch_id)
    }

    /// The id of the extraction, where that is known.
    pub fn extraction_id(&self) -> Option<&str> {
        self.template_id(Endpoint::Extraction)
    }

    /// The id of the classification, where that is known.
    pub fn classification_id(&self) -> Option<&str> {
        self.template_id(Endpoint::Classification)
    }

    /// The id of the file, for a request about one file.
    pub fn file_id(&self) -> Option<&str> {
        self.batch()?.file_id.as_deref()
    }

    /// Where requests went.
    pub fn url(&self) -> Option<&str> {
        self.failure.url.as_deref()
    }

    /// How long the server asked to wait (`Retry-After`), in milliseconds, where it did.
    pub fn retry_after_ms(&self) -> Option<f64> {
        self.failure.retry_after_ms
    }

    /// What the server said, cut to 200 characters.
    pub fn server_message(&self) -> Option<&str> {
        self.failure.server_message.as_deref()
    }

    /// How many requests the call made.
    pub fn attempts(&self) -> Option<u32> {
        self.failure.attempts
    }

    /// The snapshot of a poll that ran out of time, for [`Client::resume`](crate::Client::resume).
    pub fn snapshot(&self) -> Option<&str> {
        self.failure.snapshot.as_deref()
    }

    /// The option at fault, by its name in JavaScript.
    pub fn option(&self) -> Option<&str> {
        self.failure.option.as_deref()
    }

    /// What a function of the caller's threw, for a call to end with.
    pub fn thrown(value: JsValue) -> Self {
        Self { failure: Box::new(Failure::new(Code::Thrown)), value: Some(hold(value)) }
    }

    fn template_id(&self, endpoint: Endpoint) -> Option<&str> {
        self.batch().filter(|batch| batch.endpoint == endpoint).map(|batch| &*batch.template_id)
    }

    pub(crate) fn with_cause(failure: Box<Failure>, cause: Option<JsValue>) -> Self {
        Self { failure, value: cause.map(hold) }
    }

    pub(crate) fn into_parts(self) -> (Box<Failure>, Option<JsValue>) {
        (self.failure, self.value.map(release))
    }

    /// The error of a call on `batch`, whose requests went to `url`.
    pub(crate) fn about(self, batch: &Batch, url: Option<&str>) -> Self {
        Self { failure: self.failure.about(batch, url), ..self }
    }

    /// The error of a call that uploads, whose files came so far, if it does not say already.
    pub(crate) fn uploading(mut self, arrival: Arrival) -> Self {
        self.failure.upload.get_or_insert(arrival);
        self
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

/// The platform's complaint as an error of its own that is safe to log: text only, without the secrets, which spaces divide. The
/// original may hold the request with its headers.
pub(crate) fn platform_cause(error: &JsValue, secrets: &str) -> JsValue {
    let safe = |value: &JsValue, name| text(value, name).and_then(|text| server_message(&text, Some(secrets)));
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
