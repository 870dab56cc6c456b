//! What can go wrong, as plain data.

use std::borrow::Cow;
use std::fmt;

use crate::core::arrival::Arrival;
use crate::core::batch::{Batch, Endpoint};
use crate::core::fields::Fields;
use crate::core::observed::Observed;

mod words;

pub use words::server_message;

/// The stable name of what can go wrong with a call. Callers switch on it; the sentence that says it may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Code {
    /// An option or a batch is missing, wrong or unknown. No request was sent.
    InvalidOption,
    /// A literal API key for extracta.ai is used on a web page, where every visitor can read it.
    BrowserToken,
    /// The platform lacks what the client needs: WebAssembly, or permission to compile it; for Rust callers, JavaScript.
    Unsupported,
    /// A function that was passed to the client threw. JavaScript callers get what it threw.
    Thrown,
    /// The snapshot to resume cannot be read by this version, or is of another batch.
    InvalidSnapshot,
    /// The client was closed, or stopped by a fault of its own.
    Closed,
    /// `fetch` rejected, or the connection broke while the body arrived.
    Network,
    /// One attempt took longer than `requestTimeoutMs`.
    RequestTimeout,
    /// HTTP 429.
    RateLimited,
    /// HTTP 408, 425, or 5xx except 501 and 505; or a 2xx body with `status: "error"`.
    Server,
    /// HTTP 401.
    Unauthenticated,
    /// HTTP 403.
    Forbidden,
    /// HTTP 404.
    NotFound,
    /// Any other HTTP 4xx, 501, 505, and redirects.
    BadRequest,
    /// A 2xx body with `error`.
    ApiError,
    /// The body is not a JSON object.
    NotJson,
    /// The body is JSON of a shape that this version cannot read.
    UnexpectedReply,
    /// A file has a status that this version does not know, and `onUnknownStatus` is `"throw"`.
    UnknownStatus,
    /// The deadline of the poll passed. The batch may still finish.
    PollTimeout,
    /// More than `maxRetries` transient failures in a row.
    RetriesExhausted,
}

impl Code {
    /// The string callers see.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidOption => "INVALID_OPTION",
            Self::BrowserToken => "BROWSER_TOKEN",
            Self::Unsupported => "UNSUPPORTED",
            Self::Thrown => "THROWN",
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

    #[doc(hidden)]
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

    /// What happened and what to do, where there is nothing more exact to say.
    pub(crate) const fn advice(self) -> &'static str {
        match self {
            Self::InvalidOption => "An option has a wrong value.",
            Self::BrowserToken => {
                "An API key on a web page can be read by every visitor. Set baseUrl to a proxy of yours that adds the key and leave token out, or, on a page only you can open, set allowTokenInBrowser: true."
            }
            Self::Unsupported => {
                "This platform has no fetch and no timers of JavaScript. Compile for wasm32-unknown-unknown and run in a browser, a Worker, Node, Deno or Bun."
            }
            Self::Thrown => "A function that was passed to the client threw.",
            Self::InvalidSnapshot => {
                "The snapshot cannot be read. Pass a text from watch.snapshot() or from a POLL_TIMEOUT error, made by this version."
            }
            Self::Closed => "The client is closed. Create a new ExtractaClient.",
            Self::Network => {
                "The request got no response. Check the connection and baseUrl; in a browser, also that the server allows this origin (CORS)."
            }
            Self::RequestTimeout => "The request took longer than requestTimeoutMs. Try again, or allow more time.",
            Self::RateLimited => "Too many requests for this API key. Check that nothing else polls with it.",
            Self::Server => "The server failed to answer. Try again later.",
            Self::Unauthenticated => "The API key was not accepted. Check the token option, or what your proxy adds.",
            Self::Forbidden => "The API key may not read this batch. Check that the ids belong to its account.",
            Self::NotFound => "Nothing was found at this address. Check the batch's ids and baseUrl.",
            Self::BadRequest => "The request was refused. Check the batch's ids and baseUrl.",
            Self::ApiError => "The API reports an error. Check the batch's ids.",
            Self::NotJson => "The answer is not a JSON object. Check that baseUrl leads to the API, not to a web page.",
            Self::UnexpectedReply => {
                "The answer has a shape this version cannot read. Check baseUrl, then look for a newer version."
            }
            Self::UnknownStatus => {
                "A file has a status this version does not know. Set onUnknownStatus to \"wait\" or \"done\", or look for a newer version."
            }
            Self::PollTimeout => {
                "The batch was not finished in time; it may still finish. Continue with client.resume(error.snapshot), or allow a larger timeoutMs."
            }
            Self::RetriesExhausted => "Too many failures in a row. The last one: ",
        }
    }

    #[doc(hidden)]
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
    /// How long the server asked to wait.
    pub retry_after_ms: Option<f64>,
    /// Polls that reached the network.
    pub attempts: Option<u32>,
    /// Time since the call began.
    pub elapsed_ms: Option<f64>,
    /// A sentence for this very case, in place of the code's general one.
    pub detail: Option<Cow<'static, str>>,
    /// The option at fault.
    pub option: Option<Cow<'static, str>>,
    /// The batch.
    pub batch: Option<Box<Batch>>,
    /// Where requests went. It has no query, which could hold a secret.
    pub url: Option<String>,
    /// What the poll saw until its deadline.
    pub observed: Option<Observed>,
    /// What a poll that ran out of time can be resumed from.
    pub snapshot: Option<String>,
    /// How far files came, where they were to be uploaded.
    pub upload: Option<Arrival>,
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
            option: None,
            batch: None,
            url: None,
            observed: None,
            snapshot: None,
            upload: None,
            cause: None,
        }
    }

    /// Whether the same call may succeed later, and does no harm: what may have uploaded files would upload them again.
    pub fn is_retryable(&self) -> bool {
        self.code.is_retryable() && matches!(self.upload, None | Some(Arrival::NotTaken))
    }

    /// Where it happened, as the API names it.
    fn path(&self) -> Option<&'static str> {
        let is_upload = matches!(self.upload, Some(Arrival::NotTaken | Arrival::Possible));
        self.endpoint.map(|endpoint| if is_upload { endpoint.upload_path() } else { endpoint.path() })
    }

    /// Whether a poll tries again by itself, within its budget: also after a token function that threw or gave no token.
    pub fn may_pass(&self) -> bool {
        self.code.is_transient() || self.code == Code::Thrown || self.option.as_deref() == Some("token")
    }

    /// The option `name` is not what it must be: what is allowed, and the kind of value that came. Never the value itself, which
    /// may be a secret.
    pub fn invalid(name: &'static str, allowed: &str, got: &str) -> Box<Self> {
        let detail = [name, " must be ", allowed, "; got ", got, "."].concat();
        Box::new(Self { option: Some(name.into()), detail: Some(detail.into()), ..Self::new(Code::InvalidOption) })
    }

    /// The failure as that of a call: of which batch, and at which address. Its cause is of the same call.
    #[must_use]
    pub fn about(mut self: Box<Self>, batch: &Batch, url: Option<&str>) -> Box<Self> {
        self.batch.get_or_insert_with(|| Box::new(batch.clone()));
        if self.url.is_none() {
            self.url = url.map(Into::into);
        }
        self.cause = self.cause.map(|cause| cause.about(batch, url));
        self
    }

    /// One line: what happened, what to do, and the facts.
    pub fn message(&self) -> String {
        let mut facts = Vec::new();
        let batch = self.batch.as_deref().filter(|batch| !batch.batch_id.is_empty());
        if let Some(batch) = batch {
            facts.push(["batch ", &server_message(&batch.batch_id, None).unwrap_or_default()].concat());
        }
        if let Some(status) = self.http_status.filter(|status| !(200..300).contains(status)) {
            facts.push(["HTTP ", &status.to_string()].concat());
        }
        if let Some(attempts) = self.attempts.filter(|attempts| *attempts > 1) {
            facts.push(["after ", &attempts.to_string(), " requests"].concat());
        }
        if let Some(ms) = self.elapsed_ms.filter(|ms| *ms >= 1_000.0) {
            facts.push(["in ", &((ms / 1_000.0) as u32).to_string(), " s"].concat());
        }
        if let Some(url) = &self.url {
            facts.push(["at ", url].concat());
        }
        let last = self.cause.as_deref().filter(|_| self.code == Code::RetriesExhausted).unwrap_or(self);
        if let Some(words) = &last.server_message {
            facts.push(["the server says: ", words].concat());
        }
        let mut message = self.path().map_or_else(String::new, |path| [path, ": "].concat());
        message.push_str(self.sentence());
        if !std::ptr::eq(last, self) {
            message.push_str(last.sentence());
            if let Some(status) = last.http_status.filter(|status| !(200..300).contains(status)) {
                facts.insert(usize::from(batch.is_some()), ["HTTP ", &status.to_string()].concat());
            }
        }
        message.push_str(match self.upload {
            None | Some(Arrival::NotTaken) => "",
            Some(Arrival::Possible) => {
                " The files may have arrived, and may be billed: look whether there is a batch of them before you upload them again."
            }
            Some(Arrival::Certain) => " The files are uploaded: poll this batch, and do not upload them again.",
        });
        if !facts.is_empty() {
            message.push_str(&[" (", &facts.join(", "), ")"].concat());
        }
        message
    }

    fn sentence(&self) -> &str {
        self.detail.as_deref().unwrap_or(self.code.advice())
    }

    /// The fields callers see on the error, absent ones left out.
    pub fn fields(&self) -> Fields<'_> {
        let mut fields = Fields::default();
        fields.text("code", self.code.as_str());
        fields.flag("retryable", self.is_retryable());
        fields.text("endpoint", self.path());
        if let Some(batch) = &self.batch {
            batch.name(&mut fields);
        }
        fields.text("url", self.url.as_deref());
        fields.maybe_number("httpStatus", self.http_status.map(f64::from));
        fields.text("serverMessage", self.server_message.as_deref());
        fields.maybe_number("retryAfterMs", self.retry_after_ms);
        fields.maybe_number("attempts", self.attempts.map(f64::from));
        fields.maybe_number("elapsedMs", self.elapsed_ms);
        if let Some(observed) = &self.observed {
            fields.object("observed", observed.fields());
        }
        fields.text("snapshot", self.snapshot.as_deref());
        fields.text("option", self.option.as_deref());
        if let Some(arrival) = self.upload {
            fields.flag("filesMayHaveArrived", arrival != Arrival::NotTaken);
        }
        fields
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message())
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
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
    fn a_message_says_what_happened_what_to_do_and_the_facts() {
        assert_eq!(Failure::new(Code::Closed).message(), "The client is closed. Create a new ExtractaClient.");
        let failure = Failure {
            endpoint: Some(Endpoint::Extraction),
            http_status: Some(503),
            attempts: Some(6),
            elapsed_ms: Some(61_999.0),
            server_message: Some("down for repairs".into()),
            ..Failure::new(Code::Server)
        };
        let facts = "HTTP 503, after 6 requests, in 61 s, the server says: down for repairs";
        let expected = format!("getBatchResults: The server failed to answer. Try again later. ({facts})");
        assert_eq!(failure.message(), expected);
        let invalid = Failure::invalid("token", "a string", "3");
        assert_eq!(
            (invalid.message().as_str(), invalid.option.as_deref()),
            ("token must be a string; got 3.", Some("token"))
        );
    }

    #[test]
    fn absent_fields_are_left_out() {
        let json = serde_json::to_value(Failure::new(Code::Closed).fields()).unwrap();
        assert_eq!(json, serde_json::json!({ "code": "CLOSED", "retryable": false }));
    }
}
