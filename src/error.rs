//! What can go wrong, as plain data.

use crate::fields::Fields;
use crate::job::Endpoint;
use crate::observed::Observed;

mod words;

pub use words::server_message;

/// The stable name of what can go wrong with a call. Callers switch on it; the sentence that says it, which `error.js` has, may
/// change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// What was to be resumed is no snapshot of this version.
    InvalidSnapshot,
    /// The client was closed.
    Closed,
    /// `fetch` rejected, or the connection broke in the middle of the body.
    Network,
    /// One attempt took longer than `requestTimeoutMs`.
    RequestTimeout,
    /// 429.
    RateLimited,
    /// 408, 425, 5xx but 501 and 505, or a 2xx body with `status: "error"`.
    Server,
    /// 401.
    Unauthenticated,
    /// 403.
    Forbidden,
    /// 404.
    NotFound,
    /// Any other 4xx, 501, 505, and redirects.
    BadRequest,
    /// A 2xx body with `error`.
    ApiError,
    /// The body is not a JSON object.
    NotJson,
    /// JSON, but of a shape that cannot be.
    UnexpectedReply,
    /// A file status this version does not know, with `onUnknownStatus: "throw"`.
    UnknownStatus,
    /// The poll's deadline passed.
    PollTimeout,
    /// Too many transient failures in a row.
    RetriesExhausted,
}

impl Code {
    /// The string callers see.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidSnapshot => "INVALID_SNAPSHOT",
            Self::Closed => "CLOSED",
            Self::Network => "NETWORK",
            Self::RequestTimeout => "REQUEST_TIMEOUT",
            Self::RateLimited => "RATE_LIMITED",
            Self::Server => "SERVER",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::BadRequest => "BAD_REQUEST",
            Self::ApiError => "API_ERROR",
            Self::NotJson => "NOT_JSON",
            Self::UnexpectedReply => "UNEXPECTED_REPLY",
            Self::UnknownStatus => "UNKNOWN_STATUS",
            Self::PollTimeout => "POLL_TIMEOUT",
            Self::RetriesExhausted => "RETRIES_EXHAUSTED",
        }
    }

    /// Those after which a poll tries again by itself, within its budget.
    pub const TRANSIENT: [Self; 5] =
        [Self::Network, Self::RequestTimeout, Self::RateLimited, Self::Server, Self::NotJson];

    /// Whether a poll tries again by itself, within its budget.
    pub fn is_transient(self) -> bool {
        Self::TRANSIENT.contains(&self)
    }

    /// Whether the same call may succeed later.
    pub fn is_retryable(self) -> bool {
        self.is_transient() || matches!(self, Self::PollTimeout | Self::RetriesExhausted)
    }

    /// What a status code means; `None` for 2xx.
    pub const fn of_http_status(status: u16) -> Option<Self> {
        match status {
            200..=299 => None,
            401 => Some(Self::Unauthenticated),
            403 => Some(Self::Forbidden),
            404 => Some(Self::NotFound),
            429 => Some(Self::RateLimited),
            501 | 505 => Some(Self::BadRequest),
            408 | 425 | 500..=599 => Some(Self::Server),
            _ => Some(Self::BadRequest),
        }
    }
}

/// A failure as plain data: what a typed JS error is made from. Never holds a token, a header or document content.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// Which failure it is.
    pub code: Code,
    /// Where it happened.
    pub endpoint: Option<Endpoint>,
    /// The HTTP status, where there was one.
    pub http_status: Option<u16>,
    /// The server's own words, already cut.
    pub server_message: Option<String>,
    /// How long the server asked to be left alone.
    pub retry_after_ms: Option<f64>,
    /// Polls that reached the network.
    pub attempts: Option<u32>,
    /// Time since the call began.
    pub elapsed_ms: Option<f64>,
    /// A sentence for this very case, in place of the code's general one.
    pub detail: Option<&'static str>,
    /// What the poll saw until its deadline.
    pub observed: Option<Observed>,
    /// What a poll that ran out of time can be resumed from.
    pub snapshot: Option<String>,
    /// The last of the failures that used up the retries.
    pub cause: Option<Box<Failure>>,
}

impl Failure {
    /// A failure of which only the code is known.
    pub const fn new(code: Code) -> Self {
        Self {
            code,
            endpoint: None,
            http_status: None,
            server_message: None,
            retry_after_ms: None,
            attempts: None,
            elapsed_ms: None,
            detail: None,
            observed: None,
            snapshot: None,
            cause: None,
        }
    }

    /// The fields callers see on the error, absent ones left out.
    pub fn fields(&self) -> Fields<'_> {
        let mut fields = Fields::default();
        fields.text("code", self.code.as_str());
        fields.flag("retryable", self.code.is_retryable());
        fields.text("endpoint", self.endpoint.map(Endpoint::path));
        fields.maybe_number("httpStatus", self.http_status.map(f64::from));
        fields.text("serverMessage", self.server_message.as_deref());
        fields.maybe_number("retryAfterMs", self.retry_after_ms);
        fields.maybe_number("attempts", self.attempts.map(f64::from));
        fields.maybe_number("elapsedMs", self.elapsed_ms);
        if let Some(observed) = &self.observed {
            fields.object("observed", observed.fields());
        }
        fields.text("snapshot", self.snapshot.as_deref());
        fields
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn http_statuses_mean_what_the_contract_says() {
        for (status, code) in [
            (200, None),
            (204, None),
            (302, Some(Code::BadRequest)),
            (400, Some(Code::BadRequest)),
            (401, Some(Code::Unauthenticated)),
            (403, Some(Code::Forbidden)),
            (404, Some(Code::NotFound)),
            (408, Some(Code::Server)),
            (422, Some(Code::BadRequest)),
            (425, Some(Code::Server)),
            (429, Some(Code::RateLimited)),
            (500, Some(Code::Server)),
            (501, Some(Code::BadRequest)),
            (503, Some(Code::Server)),
            (505, Some(Code::BadRequest)),
        ] {
            assert_eq!(Code::of_http_status(status), code, "{status}");
        }
    }

    #[test]
    fn absent_fields_are_left_out() {
        let json = serde_json::to_value(Failure::new(Code::Closed).fields()).unwrap();
        assert_eq!(json, serde_json::json!({ "code": "CLOSED", "retryable": false }));
    }
}
