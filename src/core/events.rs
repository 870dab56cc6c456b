//! What an observer receives: plain data for logs and metrics, without token, header or document content.

use crate::core::batch::Batch;
use crate::core::error::Code;
use crate::core::fields::Fields;

/// Something that happened to a batch.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Event<'a> {
    /// What it was.
    pub kind: Kind,
    /// To which batch.
    pub batch: &'a Batch,
    /// The number of the call. Two calls for one batch differ in it.
    pub poll_id: u32,
    /// The number of the request among those of its call, from 1.
    pub attempt: Option<u32>,
    /// Whether it is of an upload.
    pub is_upload: bool,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// A poll waits for its next request, so many milliseconds as now expected.
    Wait(f64),
    /// A request starts.
    Request,
    /// Response headers arrived.
    Response {
        /// The HTTP status.
        http_status: u16,
        /// From the request's start, in milliseconds.
        duration_ms: f64,
    },
    /// A request got no response.
    Failure {
        /// Why.
        code: Code,
        /// From the request's start, in milliseconds.
        duration_ms: f64,
    },
    /// An attempt failed, and the poll tries again.
    Retry {
        /// Why it failed.
        code: Code,
        /// After so many milliseconds.
        wait_ms: f64,
    },
    /// The name of a file to upload, by its place among them, does not end like that of a document that the API is known to read.
    Warning(u32),
    /// The server refused for now: everyone on the lane stays away for so many milliseconds.
    Pause(f64),
    /// The machine slept for so many milliseconds, by the wall clock; they count towards the deadline.
    Wake(f64),
    /// The call ended.
    Settled {
        /// How.
        ending: Ending,
        /// How many requests it made.
        attempts: u32,
        /// From its beginning, in milliseconds.
        elapsed_ms: f64,
    },
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// With results.
    Done,
    /// With an error.
    Failed(Code),
    /// Nobody wanted it any more: it was aborted or cancelled, or a function of the caller's threw.
    Cancelled,
}

impl Ending {
    /// Of what a call came to. `None`: nobody waited for it.
    pub(crate) fn of<T>(result: Option<Result<T, Code>>) -> Self {
        match result {
            Some(Ok(_)) => Ending::Done,
            Some(Err(code)) if code != Code::Thrown => Ending::Failed(code),
            Some(Err(_)) | None => Ending::Cancelled,
        }
    }
}

const WARNING: &str = "The file's name does not end like that of a document that the API is known to read (.pdf, .docx, .png and others): it may be refused, or fail.";

impl Event<'_> {
    #[doc(hidden)]
    /// As JavaScript sees it: `ClientEvent` in `types.d.ts`.
    pub fn fields(&self) -> Fields<'_> {
        let mut fields = Fields::default();
        fields.text("type", self.kind.name());
        fields.number("pollId", self.poll_id);
        let endpoint = self.batch.endpoint;
        fields.text("endpoint", if self.is_upload { endpoint.upload_path() } else { endpoint.path() });
        self.batch.name(&mut fields);
        fields.maybe_number("attempt", self.attempt.map(f64::from));
        match self.kind {
            Kind::Wait(ms) => fields.number("waitMs", ms),
            Kind::Request => {}
            Kind::Response { http_status, duration_ms } => {
                fields.number("httpStatus", http_status);
                fields.number("durationMs", duration_ms);
            }
            Kind::Failure { code, duration_ms } => {
                fields.number("durationMs", duration_ms);
                fields.text("code", code.as_str());
            }
            Kind::Settled { ending, attempts, elapsed_ms } => {
                let (outcome, code) = match ending {
                    Ending::Done => ("done", None),
                    Ending::Failed(code) => ("failed", Some(code.as_str())),
                    Ending::Cancelled => ("cancelled", None),
                };
                fields.text("outcome", outcome);
                fields.text("code", code);
                fields.number("attempts", attempts);
                fields.number("elapsedMs", elapsed_ms);
            }
            Kind::Retry { code, wait_ms } => {
                fields.number("waitMs", wait_ms);
                fields.text("code", code.as_str());
            }
            Kind::Warning(file) => {
                fields.number("fileIndex", file);
                fields.text("message", WARNING);
            }
            Kind::Pause(ms) => fields.number("pauseMs", ms),
            Kind::Wake(ms) => fields.number("asleepMs", ms),
        }
        fields
    }
}

impl Kind {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wait(_) => "wait",
            Self::Request => "request",
            Self::Response { .. } => "response",
            Self::Failure { .. } => "failure",
            Self::Settled { .. } => "settled",
            Self::Retry { .. } => "retry",
            Self::Warning(_) => "warning",
            Self::Pause(_) => "pause",
            Self::Wake(_) => "wake",
        }
    }
}
