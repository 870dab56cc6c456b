//! A poll that is watched, for Rust callers: a stream of its progress.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll as Polled};

use futures_core::Stream;
use send_wrapper::SendWrapper;
use serde::de::DeserializeOwned;

use super::control::Controlled;
use super::error::Error;
use super::feed::Feed;
use super::poll::Poll;
use super::progress::Update;
use super::results::{Progress, read_files, read_into};
use super::running::Running;
use super::start::start;

/// A running poll as a stream of its progress: a slow reader gets the latest one, with the new files of those that it missed
/// added. An error ends it. Dropping it ends the poll.
#[must_use = "a watch polls when it is read from"]
pub struct Watch<F> {
    running: Option<SendWrapper<(Running, Pin<Box<Controlled>>)>>,
    feed: SendWrapper<Rc<Feed<Error>>>,
    has_ended: bool,
    fields: PhantomData<fn() -> F>,
}

impl<F: DeserializeOwned + 'static> Poll<F> {
    /// The same poll, watched: a stream of its progress.
    pub fn watch(self) -> Watch<F> {
        Watch::new(self)
    }
}

impl<F: DeserializeOwned + 'static> Watch<F> {
    fn new(poll: Poll<F>) -> Self {
        let feed: Rc<Feed<Error>> = Feed::new();
        let started = poll.arguments().and_then(|(arguments, saved)| {
            let listener = feed.listener(None);
            Ok(start(poll.session.open()?, arguments, saved, Some(listener)))
        });
        let running = match started {
            Ok((running, result)) => Some(SendWrapper::new((running, Box::pin(result)))),
            Err(error) => {
                feed.end(Some(error));
                None
            }
        };
        let has_ended = running.is_none();
        Self { running, feed: SendWrapper::new(feed), has_ended, fields: PhantomData }
    }

    /// Reaches the poll from elsewhere while this is read from.
    pub fn handle(&self) -> WatchHandle {
        WatchHandle { running: self.running.as_ref().map(|running| SendWrapper::new(running.0.clone())) }
    }

    /// The poll as a snapshot for [`Client::resume`](crate::Client::resume): ids, options and counts; no token and no
    /// document content. `None` if it could not begin.
    pub fn snapshot(&self) -> Option<String> {
        self.handle().snapshot()
    }
}

impl<F: DeserializeOwned + 'static> Stream for Watch<F> {
    type Item = Result<Progress<F>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Polled<Option<Self::Item>> {
        if !self.has_ended
            && let Some(running) = &mut self.running
            && let Polled::Ready(result) = running.1.as_mut().poll(context)
        {
            self.has_ended = true;
            self.feed.end(result.err());
        }
        self.feed.poll_next(context).map(|next| {
            let read = next?.and_then(read_update);
            Some(read.map_err(|error| match &self.running {
                Some(running) => running.0.complete(error),
                None => error,
            }))
        })
    }
}

impl<F> fmt::Debug for Watch<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Watch").finish_non_exhaustive()
    }
}

/// Reaches a watched poll from elsewhere.
#[derive(Clone)]
pub struct WatchHandle {
    running: Option<SendWrapper<Running>>,
}

impl WatchHandle {
    /// Polls at the next permitted moment, when a webhook arrives for instance. Never breaks the 2-second rule.
    pub fn nudge(&self) {
        if let Some(running) = &self.running {
            running.nudge();
        }
    }

    /// As [`Watch::snapshot`].
    pub fn snapshot(&self) -> Option<String> {
        self.running.as_ref().map(|running| running.snapshot())
    }

    /// Ends the poll with `error`.
    pub fn cancel(&self, error: Error) {
        if let Some(running) = &self.running {
            running.stop(error);
        }
    }
}

impl fmt::Debug for WatchHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("WatchHandle").finish_non_exhaustive()
    }
}

pub(super) fn read_update<F: DeserializeOwned>(update: Update) -> Result<Progress<F>, Error> {
    let Update { attempt, elapsed_ms, next_poll_in_ms, queue_position, counts, new_files, results, .. } = update;
    let (new_files, results) = (read_files(new_files)?, read_into(results)?);
    Ok(Progress { attempt, elapsed_ms, next_poll_in_ms, queue_position, counts, new_files, results })
}
