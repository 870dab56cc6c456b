//! What can go wrong, and the sentence that tells a person what to do about it.

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use crate::job::Endpoint;
use crate::observed::Observed;

/// The stable name of a failure. Callers switch on it; the message may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// An option or an id is not what it must be.
    InvalidOption,
    /// A literal API key was about to be used on a web page.
    BrowserToken,
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
            Self::InvalidOption => "INVALID_OPTION",
            Self::BrowserToken => "BROWSER_TOKEN",
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

    /// Whether a poll tries again by itself, within its budget.
    pub const fn is_transient(self) -> bool {
        matches!(self, Self::Network | Self::RequestTimeout | Self::RateLimited | Self::Server | Self::NotJson)
    }

    /// Whether the same call may succeed later.
    pub const fn is_retryable(self) -> bool {
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

    /// What happened and what to do, for the codes whose sentence needs no figures.
    const fn advice(self) -> &'static str {
        match self {
            Self::InvalidOption => "An option is not valid.",
            Self::BrowserToken => {
                "An API key on a web page can be read by every visitor. Set baseUrl to a proxy of yours that adds the key \
                 and leave token out, or, on a page only you can open, set allowTokenInBrowser: true."
            }
            Self::Closed => "The client is closed. Create a new ExtractaClient.",
            Self::Network => {
                "The request got no answer. Check the connection and baseUrl; in a browser, also that the server allows \
                 this origin (CORS)."
            }
            Self::RequestTimeout => "The request took longer than requestTimeoutMs. Try again, or allow more time.",
            Self::RateLimited => "Too many requests for this API key. Check that nothing else polls with it.",
            Self::Server => "The server failed to answer. Try again later.",
            Self::Unauthenticated => "The API key was not accepted. Check the token option, or what your proxy adds.",
            Self::Forbidden => "The API key may not read this batch. Check that the ids belong to its account.",
            Self::NotFound => "Nothing was found there. Check the batch's ids and baseUrl.",
            Self::BadRequest => "The request was refused. Check the batch's ids and baseUrl.",
            Self::ApiError => "The API reports an error. Check the batch's ids.",
            Self::NotJson => "The answer is not a JSON object. Check that baseUrl leads to the API, not to a web page.",
            Self::UnexpectedReply => {
                "The answer has a shape this version cannot read. Check baseUrl, then look for a newer version."
            }
            Self::UnknownStatus => {
                "A file has a status this version does not know. Set onUnknownStatus to \"wait\" or \"done\", or look for \
                 a newer version."
            }
            Self::PollTimeout => {
                "The batch was not finished in time; it may still finish. Poll it again, or allow a larger timeoutMs."
            }
            Self::RetriesExhausted => "Too many failures in a row; cause is the last one. Try again later.",
        }
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Serialize for Endpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.path())
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
    /// The option at fault.
    pub option: Option<&'static str>,
    /// A sentence for this very case, in place of the code's general one.
    pub detail: Option<String>,
    /// What the poll saw until its deadline.
    pub observed: Option<Observed>,
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
            option: None,
            detail: None,
            observed: None,
            cause: None,
        }
    }

    /// An option is not what it must be: names it, what is allowed, and what kind of value came. Never the value itself,
    /// which may be a secret.
    pub fn invalid_option(option: &'static str, allowed: &str, got: &str) -> Self {
        let mut detail = String::from(option);
        detail.push_str(" must be ");
        detail.push_str(allowed);
        detail.push_str("; got ");
        detail.push_str(got);
        detail.push('.');
        Self { option: Some(option), detail: Some(detail), ..Self::new(Code::InvalidOption) }
    }

    /// The one line a person reads.
    pub fn message(&self) -> String {
        let mut message = String::new();
        if let Some(endpoint) = self.endpoint {
            message.push_str(endpoint.path());
            message.push_str(": ");
        }
        message.push_str(self.detail.as_deref().unwrap_or(self.code.advice()));
        let mut facts = Facts { message: &mut message, open: false };
        if let Some(status) = self.http_status.filter(|status| !(200..300).contains(status)) {
            facts.add("HTTP ", Fact::Count(u32::from(status)), "");
        }
        if let Some(attempts) = self.attempts.filter(|attempts| *attempts > 1) {
            facts.add("after ", Fact::Count(attempts), " requests");
        }
        if let Some(elapsed_ms) = self.elapsed_ms.filter(|elapsed_ms| *elapsed_ms >= 1_000.0) {
            facts.add("in ", Fact::Count((elapsed_ms / 1_000.0) as u32), " s");
        }
        if let Some(text) = &self.server_message {
            facts.add("the server says: ", Fact::Text(text), "");
        }
        if facts.open {
            message.push(')');
        }
        message
    }
}

enum Fact<'a> {
    Count(u32),
    Text(&'a str),
}

/// The brackets behind the sentence.
struct Facts<'a> {
    message: &'a mut String,
    open: bool,
}

impl Facts<'_> {
    fn add(&mut self, before: &str, fact: Fact<'_>, after: &str) {
        self.message.push_str(if self.open { ", " } else { " (" });
        self.open = true;
        self.message.push_str(before);
        match fact {
            Fact::Count(count) => self.message.push_str(itoa::Buffer::new().format(count)),
            Fact::Text(text) => self.message.push_str(text),
        }
        self.message.push_str(after);
    }
}

/// The fields callers see on the error, absent ones left out.
impl Serialize for Failure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn optional<S: SerializeStruct, T: Serialize>(
            fields: &mut S,
            name: &'static str,
            value: &Option<T>,
        ) -> Result<(), S::Error> {
            match value {
                Some(value) => fields.serialize_field(name, value),
                None => fields.skip_field(name),
            }
        }
        let mut fields = serializer.serialize_struct("Failure", 10)?;
        fields.serialize_field("code", &self.code)?;
        fields.serialize_field("retryable", &self.code.is_retryable())?;
        optional(&mut fields, "endpoint", &self.endpoint)?;
        optional(&mut fields, "httpStatus", &self.http_status)?;
        optional(&mut fields, "serverMessage", &self.server_message)?;
        optional(&mut fields, "retryAfterMs", &self.retry_after_ms)?;
        optional(&mut fields, "attempts", &self.attempts)?;
        optional(&mut fields, "elapsedMs", &self.elapsed_ms)?;
        optional(&mut fields, "option", &self.option)?;
        optional(&mut fields, "observed", &self.observed)?;
        fields.end()
    }
}

/// `text` without `secret`. (`str::replace` would do, and bring 3 KB of string search into the wasm.)
fn redacted(text: &str, secret: &str) -> String {
    let mut kept = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        if let Some(behind) = rest.strip_prefix(secret.as_bytes()) {
            kept.extend_from_slice(b"[token]");
            rest = behind;
        } else {
            kept.push(*first);
            rest = behind;
        }
    }
    // Whole characters were taken out, so what is left is text.
    String::from_utf8(kept).unwrap_or_default()
}

/// How much of the server's own words is passed on.
const SERVER_MESSAGE_LIMIT: usize = 200;

/// The server's words as one line of at most 200 characters, without `secret` should the server have echoed it.
pub fn server_message(text: &str, secret: Option<&str>) -> Option<String> {
    let redacted = match secret.filter(|secret| !secret.is_empty()) {
        Some(secret) => redacted(text, secret),
        None => text.into(),
    };
    let line: String =
        redacted.chars().take(SERVER_MESSAGE_LIMIT).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = line.trim();
    (!line.is_empty()).then(|| line.into())
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
    fn a_message_is_one_line_with_the_facts_in_brackets() {
        let failure = Failure {
            endpoint: Some(Endpoint::Extraction),
            http_status: Some(503),
            attempts: Some(3),
            elapsed_ms: Some(7_250.0),
            server_message: server_message("down\nfor\tmaintenance", None),
            ..Failure::new(Code::Server)
        };
        assert_eq!(
            failure.message(),
            "getBatchResults: The server failed to answer. Try again later. (HTTP 503, after 3 requests, in 7 s, the \
             server says: down for maintenance)"
        );
    }

    #[test]
    fn an_invalid_option_is_named_with_what_is_allowed_and_what_came() {
        let failure = Failure::invalid_option("timeoutMs", "a number of milliseconds above 0", "a string");
        assert_eq!(failure.message(), "timeoutMs must be a number of milliseconds above 0; got a string.");
        assert_eq!(failure.option, Some("timeoutMs"));
    }

    #[test]
    fn a_token_echoed_by_the_server_is_not_passed_on() {
        assert_eq!(server_message("bad key k_1!", Some("k_1")).unwrap(), "bad key [token]!");
        assert_eq!(server_message(&"x".repeat(900), None).unwrap().len(), 200);
        assert_eq!(server_message(" \n ", None), None);
        assert_eq!(server_message("plain", Some("")).unwrap(), "plain");
        assert_eq!(server_message("é k_1k_1 ü", Some("k_1")).unwrap(), "é [token][token] ü");
    }

    #[test]
    fn absent_fields_are_left_out() {
        let json = serde_json::to_value(Failure::new(Code::Closed)).unwrap();
        assert_eq!(json, serde_json::json!({ "code": "CLOSED", "retryable": false }));
    }
}
