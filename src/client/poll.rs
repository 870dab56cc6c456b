//! A poll as Rust callers ask for it: options by builder, its end by `.await`, its progress as a stream.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use futures_core::Stream;
use send_wrapper::SendWrapper;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use super::error::Error;
use super::many::Many;
use super::number::milliseconds;
use super::options::{CallArguments, CallOptions};
use super::results::{Results, read_into};
use super::session::Held;
use super::start::start;
use crate::core::batch::Batch;
use crate::core::poll::Saved;
use crate::core::response::OnUnknownStatus;

/// What a poll starts from.
#[derive(Clone)]
pub(super) enum Origin {
    Batch(Batch),
    Snapshot(String),
}

/// A poll of one batch. Await it for the finished results, or [`watch`](Poll::watch) it. It begins when it is first polled;
/// dropping it ends it.
#[must_use = "a poll begins when it is awaited or watched"]
pub struct Poll<F> {
    pub(super) session: Held,
    pub(super) origin: Origin,
    pub(super) options: CallOptions,
    pub(super) fields: PhantomData<fn() -> F>,
}

impl<F: DeserializeOwned + 'static> Poll<F> {
    /// How long the whole poll may take. Default: 30 minutes. A poll that was resumed has by default what it had left.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.options.timeout_ms = milliseconds(limit).into();
        self
    }

    /// The poll may take as long as it likes.
    pub fn without_timeout(mut self) -> Self {
        self.options.timeout_ms = f64::INFINITY.into();
        self
    }

    /// From the start of one poll of this batch to the next. Default and least: the client's `min_interval`.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.options.interval_ms = milliseconds(interval).into();
        self
    }

    /// Wait before the first poll. Default: none.
    pub fn initial_delay(mut self, delay: Duration) -> Self {
        self.options.initial_delay_ms = milliseconds(delay).into();
        self
    }

    /// Transient failures in a row that the poll survives. Default: 5.
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.options.max_retries = f64::from(retries).into();
        self
    }

    /// Limit of one HTTP attempt. Default: the client's.
    pub fn request_timeout(mut self, limit: Duration) -> Self {
        self.options.request_timeout_ms = milliseconds(limit).into();
        self
    }

    /// What a file status unknown to this version means. Default: not finished yet.
    pub fn on_unknown_status(mut self, meaning: OnUnknownStatus) -> Self {
        self.options.unknown = Some(meaning);
        self
    }

    /// How many files the batch has, if you know: a hint for the order among many batches.
    pub fn expected_files(mut self, files: u32) -> Self {
        self.options.expected_files = f64::from(files).into();
        self
    }

    /// Weight among the batches of a lane. Default: 1; at least 0.01.
    pub fn priority(mut self, weight: f64) -> Self {
        self.options.priority = weight.into();
        self
    }

    /// The only batch that a poll may be of that goes on from a snapshot: one of another batch is `INVALID_SNAPSHOT`. For
    /// snapshots that others kept.
    pub fn only_of(mut self, batch: Batch) -> Self {
        self.options.batch = Some(batch);
        self
    }

    /// Polls what classified files link to as well, and joins it to them as `extracted`. Default: false.
    pub fn follow_extractions(mut self, follow: bool) -> Self {
        self.options.follows = follow;
        self
    }

    /// The arguments, checked, and what was saved of the poll.
    pub(super) fn arguments(&self) -> Result<(CallArguments, Option<Saved>), Error> {
        let config = &self.session.open()?.config;
        match &self.origin {
            Origin::Batch(batch) => Ok((self.options.poll(batch.clone(), config, &Default::default())?, None)),
            Origin::Snapshot(text) => {
                self.options.resume(text, config).map(|(arguments, saved)| (arguments, Some(saved)))
            }
        }
    }
}

impl<F: DeserializeOwned + 'static> IntoFuture for Poll<F> {
    type Output = Result<Results<F>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(SendWrapper::new(async move {
            let (arguments, saved) = self.arguments()?;
            let (running, result) = start(self.session.open()?, arguments, saved, None);
            read_into(result.await?).map_err(|error| running.complete(error))
        }))
    }
}

impl<F> fmt::Debug for Poll<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Poll").field("options", &self.options).finish_non_exhaustive()
    }
}

/// Many polls: how each ended, in the order in which they do. Made by [`Client::poll_many`](crate::Client::poll_many); dropping it ends those that run.
#[must_use = "polling begins with the iteration"]
pub struct ManyPolls<F> {
    pub(super) polls: SendWrapper<Many<Batch>>,
    pub(super) fields: PhantomData<fn() -> F>,
}

/// How one of many batches ended.
#[derive(Debug)]
#[non_exhaustive]
pub struct Settled<F> {
    /// The batch.
    pub batch: Batch,
    /// Its place among the batches that were given.
    pub index: usize,
    /// Its finished results, or why there are none.
    pub result: Result<Results<F>, Error>,
}

impl<F: DeserializeOwned> Stream for ManyPolls<F> {
    type Item = Settled<F>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> std::task::Poll<Option<Settled<F>>> {
        // Only the list of jobs could fail, and here it is a list already.
        self.polls.poll_next(context).map(|next| {
            let outcome = next?.ok()?;
            let (batch, index) = (outcome.job, outcome.index as usize);
            let result =
                outcome.result.and_then(|value: JsValue| read_into(value).map_err(|error| error.about(&batch, None)));
            Some(Settled { batch, index, result })
        })
    }
}

impl<F> fmt::Debug for ManyPolls<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ManyPolls").finish_non_exhaustive()
    }
}
