//! A reply before it goes on the wire: status, headers, body, and how the wire is to treat it.

use std::time::Duration;

use serde_json::Value;

/// How a reply reaches the client, or fails to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// Status, headers and body, as a server should.
    #[default]
    Whole,
    /// The same, after a pause before the first byte.
    Late(Duration),
    /// The body in small pieces with pauses between them.
    SlowBytes,
    /// Nothing, until the client goes away or a minute has passed.
    Never,
    /// A TCP reset instead of an answer.
    Reset,
    /// Status, headers and half of the body, then a TCP reset.
    ResetInBody,
    /// `Content-Length` of the whole body, half of the body, then an orderly close.
    CutBody,
    /// Half of the body, then white space for a minute, then a close without an end.
    NeverEnds,
}

/// What a script answers to one poll.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    /// The HTTP status.
    pub(crate) status: u16,
    /// Headers besides `content-type` and those every reply has.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// `content-type`; empty leaves the header out.
    pub(crate) content_type: &'static str,
    /// The body's bytes.
    pub(crate) body: Vec<u8>,
    /// What the wire does to it.
    pub(crate) delivery: Delivery,
}

impl Reply {
    /// A JSON body with a status.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::bytes(status, "application/json; charset=utf-8", body.to_string())
    }

    /// The JSON body of a reply that is well.
    pub(crate) fn ok(body: &Value) -> Self {
        Self::json(200, body)
    }

    /// Any body at all.
    pub(crate) fn bytes(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), content_type, body: body.into(), delivery: Delivery::Whole }
    }

    /// An HTML page.
    pub(crate) fn html(status: u16, page: impl Into<Vec<u8>>) -> Self {
        Self::bytes(status, "text/html; charset=utf-8", page)
    }

    /// The page Express sends for a route it does not know, which is what the real API was seen to send.
    pub(crate) fn cannot(method: &str, path: &str) -> Self {
        let path = path.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        Self::html(
            404,
            format!(
                "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Error</title>\n</head>\n\
                 <body>\n<pre>Cannot {method} {path}</pre>\n</body>\n</html>\n"
            ),
        )
    }

    /// The same reply with one more header.
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same reply, delivered otherwise.
    pub(crate) fn delivered(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }

    /// The status a log entry shows: none when no status line is ever sent.
    pub(crate) fn visible_status(&self) -> Option<u16> {
        (!matches!(self.delivery, Delivery::Never | Delivery::Reset)).then_some(self.status)
    }
}
