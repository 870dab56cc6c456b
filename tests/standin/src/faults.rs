//! Putting a reply on the wire, well or badly.

use std::{
    collections::VecDeque,
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use http_body::Frame;
use tokio::time::{Sleep, sleep};

use crate::{
    connection::Fate,
    reply::{Delivery, Reply},
};

/// Long enough for hyper to send what it has before the connection ends; what went before can then be read.
const BEFORE_THE_END: Duration = Duration::from_millis(50);
const BETWEEN_PIECES: Duration = Duration::from_millis(50);
const PIECES: usize = 20;
const HELD: Duration = Duration::from_secs(60);
const BETWEEN_SPACES: Duration = Duration::from_millis(500);
const SPACES: u32 = 120;

/// Delivers a reply on the connection whose fate this is. Dropped when the client goes away.
pub(crate) async fn deliver(reply: Reply, fate: &Fate) -> Response {
    let body = Bytes::from(reply.body.clone());
    let length = body.len();
    let half = body.slice(..length / 2);
    match reply.delivery {
        Delivery::Whole => response(&reply, Body::from(body)),
        Delivery::Late(pause) => {
            sleep(pause).await;
            response(&reply, Body::from(body))
        }
        Delivery::Never => {
            sleep(HELD).await;
            fate.close();
            response(&reply, Body::empty())
        }
        Delivery::Reset => {
            fate.reset();
            response(&reply, Body::empty())
        }
        Delivery::ResetInBody => {
            let steps = [Step::Send(half), Step::Pause(BEFORE_THE_END), Step::Reset];
            with_length(response(&reply, staged(steps, fate)), length)
        }
        Delivery::CutBody => {
            let steps = [Step::Send(half), Step::Pause(BEFORE_THE_END)];
            with_length(response(&reply, staged(steps, fate)), length)
        }
        Delivery::SlowBytes => {
            let size = length.div_ceil(PIECES).max(1);
            let pieces = (0..length).step_by(size).map(|from| body.slice(from..length.min(from + size)));
            let steps = pieces.flat_map(|piece| [Step::Send(piece), Step::Pause(BETWEEN_PIECES)]);
            response(&reply, staged(steps, fate))
        }
        Delivery::NeverEnds => {
            let spaces = (0..SPACES).flat_map(|_| [Step::Pause(BETWEEN_SPACES), Step::Send(Bytes::from_static(b" "))]);
            let steps = [Step::Send(half)].into_iter().chain(spaces).chain([Step::Close]);
            response(&reply, staged(steps, fate))
        }
    }
}

/// A body that comes to less than this length makes hyper end the connection, which is the point.
fn with_length(mut response: Response, length: usize) -> Response {
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    response
}

fn response(reply: &Reply, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content_type = (!reply.content_type.is_empty()).then_some(("content-type", reply.content_type));
    let others = reply.headers.iter().map(|(name, value)| (*name, value.as_str()));
    for (name, value) in content_type.into_iter().chain(others) {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

enum Step {
    Send(Bytes),
    Pause(Duration),
    Close,
    Reset,
}

/// A body that follows a list of steps.
struct Staged {
    steps: VecDeque<Step>,
    pause: Option<Pin<Box<Sleep>>>,
    fate: Fate,
}

fn staged(steps: impl IntoIterator<Item = Step>, fate: &Fate) -> Body {
    Body::new(Staged { steps: steps.into_iter().collect(), pause: None, fate: fate.clone() })
}

impl HttpBody for Staged {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        loop {
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(cx));
                self.pause = None;
            }
            let bytes = match self.steps.pop_front() {
                None => return Poll::Ready(None),
                Some(Step::Pause(time)) => {
                    self.pause = Some(Box::pin(sleep(time)));
                    continue;
                }
                Some(Step::Send(bytes)) => bytes,
                // The fate is met at the next write, so there has to be one.
                Some(Step::Close) => {
                    self.fate.close();
                    Bytes::from_static(b" ")
                }
                Some(Step::Reset) => {
                    self.fate.reset();
                    Bytes::from_static(b" ")
                }
            };
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
    }
}
