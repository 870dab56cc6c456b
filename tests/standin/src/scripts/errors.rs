//! Errors reported in JSON, and statuses that ask for patience.

use std::time::{Duration, SystemTime};

use serde_json::json;

use super::Poll;
use crate::{reply::Reply, standin::Endpoint};

pub(super) fn style_error(_: &Poll) -> Reply {
    Reply::ok(&json!({ "error": "Invalid request" }))
}

pub(super) fn style_status(_: &Poll) -> Reply {
    Reply::ok(&json!({ "status": "error", "message": "Internal server error" }))
}

pub(super) fn then_done(poll: &Poll) -> Reply {
    poll.twice(|| style_status(poll))
}

pub(super) fn http(poll: &Poll) -> Reply {
    let status = poll.status();
    refusal(poll, status, &format!("Scripted status {status}"))
}

pub(super) fn http_then_done(poll: &Poll) -> Reply {
    poll.twice(|| http(poll))
}

pub(super) fn rate_limited(poll: &Poll) -> Reply {
    poll.twice(|| refusal(poll, 429, "Too many requests").header("retry-after", "1"))
}

pub(super) fn rate_limited_silent(poll: &Poll) -> Reply {
    poll.twice(|| refusal(poll, 429, "Too many requests"))
}

pub(super) fn rate_limited_date(poll: &Poll) -> Reply {
    let then = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(2));
    poll.twice(|| refusal(poll, 429, "Too many requests").header("retry-after", then))
}

pub(super) fn unavailable(poll: &Poll) -> Reply {
    poll.twice(|| refusal(poll, 503, "Service unavailable").header("retry-after", "1"))
}

pub(super) fn redirect(_: &Poll) -> Reply {
    to_elsewhere(302)
}

pub(super) fn redirect_with(poll: &Poll) -> Reply {
    to_elsewhere(poll.status())
}

fn to_elsewhere(status: u16) -> Reply {
    Reply::bytes(status, "text/plain; charset=utf-8", "Found").header("location", Endpoint::Elsewhere.path())
}

pub(super) fn refusal(poll: &Poll, status: u16, message: &str) -> Reply {
    Reply::json(status, &poll.family().error(message))
}
