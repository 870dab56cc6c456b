//! Bodies that are not the JSON they should be, and connections that do not carry it through.

use std::time::Duration;

use super::Poll;
use crate::reply::{Delivery, Reply};

const GATEWAY_PAGE: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
     <center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

pub(super) fn html_502(_: &Poll) -> Reply {
    Reply::html(502, GATEWAY_PAGE)
}

pub(super) fn html_502_then_done(poll: &Poll) -> Reply {
    poll.twice(|| html_502(poll))
}

pub(super) fn html_200(_: &Poll) -> Reply {
    Reply::html(200, "<!DOCTYPE html>\n<title>Maintenance</title>\n<p>We will be back soon.</p>\n")
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
