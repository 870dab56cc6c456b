//! Bodies that are not the JSON they should be, and connections that do not carry it through.

use std::time::Duration;

use super::Poll;
use crate::reply::{Delivery, Reply};

const MAINTENANCE_PAGE: &str = "<!DOCTYPE html>\n<title>Maintenance</title>\n<p>We will be back soon.</p>\n";

pub(super) fn html(poll: &Poll) -> Reply {
    page(poll.status())
}

/// The page of a gateway that does not get through, or, where all is said to be well, of somebody else.
pub(super) fn page(status: u16) -> Reply {
    if (200..300).contains(&status) {
        return Reply::html(status, MAINTENANCE_PAGE);
    }
    Reply::html(
        status,
        format!(
            "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1></center>\r\n<hr>\
             <center>nginx</center>\r\n</body>\r\n</html>\r\n"
        ),
    )
}

pub(super) fn html_then_done(poll: &Poll) -> Reply {
    poll.twice(|| html(poll))
}

pub(super) fn empty(poll: &Poll) -> Reply {
    Reply::bytes(poll.status(), "application/json; charset=utf-8", Vec::new())
}

pub(super) fn binary(poll: &Poll) -> Reply {
    Reply::bytes(poll.status(), "application/json; charset=utf-8", [0x1f, 0x8b, 0x00, 0xff, 0xfe, 0xc3, 0x28, 0x80])
}

pub(super) fn empty_body(_: &Poll) -> Reply {
    Reply::bytes(200, "", Vec::new())
}

pub(super) fn truncated_json(poll: &Poll) -> Reply {
    let mut reply = poll.done();
    reply.body.truncate(reply.body.len() / 2);
    reply
}

pub(super) fn array_body(_: &Poll) -> Reply {
    Reply::bytes(200, "application/json; charset=utf-8", "[]")
}

pub(super) fn null_body(_: &Poll) -> Reply {
    Reply::bytes(200, "application/json; charset=utf-8", "null")
}

pub(super) fn text_body(_: &Poll) -> Reply {
    Reply::bytes(200, "text/plain; charset=utf-8", "OK")
}

pub(super) fn bom(poll: &Poll) -> Reply {
    let mut reply = poll.done();
    reply.body.splice(0..0, "\u{feff}".bytes());
    reply
}

pub(super) fn wrong_type(poll: &Poll) -> Reply {
    Reply { content_type: "text/html; charset=utf-8", ..poll.done() }
}

pub(super) fn reset(poll: &Poll) -> Reply {
    poll.done().delivered(Delivery::Reset)
}

pub(super) fn reset_then_done(poll: &Poll) -> Reply {
    poll.twice(|| reset(poll))
}

pub(super) fn reset_in_body(poll: &Poll) -> Reply {
    poll.done().delivered(Delivery::ResetInBody)
}

pub(super) fn cut_body(poll: &Poll) -> Reply {
    poll.done().delivered(Delivery::CutBody)
}

pub(super) fn slow_headers(poll: &Poll) -> Reply {
    poll.done().delivered(Delivery::Late(Duration::from_secs(3)))
}

pub(super) fn slow_bytes(poll: &Poll) -> Reply {
    poll.done().delivered(Delivery::SlowBytes)
}

pub(super) fn never_answers(poll: &Poll) -> Reply {
    poll.done().delivered(Delivery::Never)
}

pub(super) fn never_ends_body(poll: &Poll) -> Reply {
    poll.done().delivered(Delivery::NeverEnds)
}
