//! The client of Rust callers: what it can be asked.

use std::fmt;
use std::marker::PhantomData;

use send_wrapper::SendWrapper;
use serde::de::DeserializeOwned;

use super::error::Error;
use super::many::Many;
use super::options::CallOptions;
use super::poll::{ManyPolls, Origin, Poll};
use super::report::{LaneReport, lane_reports};
use super::results::{Results, read_into};
use super::session::Held;
use super::start::start;
use super::watch::Watch;
use crate::core::batch::Batch;

/// Client for the two results endpoints of Extracta.ai.
///
/// Every client of a page, Worker isolate or process that aims the same token at the same endpoint shares one lane: one request
/// in flight, the next no earlier than the client's minimal interval after the last one started and after its response headers
/// arrived. Clones share their calls' end: [`close`](Self::close) ends those of all.
#[derive(Clone)]
pub struct Client {
    session: Held,
}

impl Client {
    /// Asks for a batch once. It may not be finished: look at `done`.
    ///
    /// # Errors
    ///
    /// Whatever goes wrong with the request; it is not repeated.
    pub fn get_results<F: DeserializeOwned + 'static>(
        &self,
        batch: Batch,
    ) -> impl Future<Output = Result<Results<F>, Error>> + Send + use<F> {
        let session = self.session.clone();
        SendWrapper::new(async move {
            let session = session.open()?;
            let question = CallOptions::default().question(batch, &session.config)?;
            read_into(start(session, question, None, None).1.await?)
        })
    }

    /// Polls until every file of the batch is finished. A file that failed is data, not an error.
    pub fn poll_until_done<F: DeserializeOwned + 'static>(&self, batch: Batch) -> Poll<F> {
        self.poll(Origin::Batch(batch))
    }

    /// The same poll, watched: a stream of its progress. For options, call [`Poll::watch`].
    pub fn watch<F: DeserializeOwned + 'static>(&self, batch: Batch) -> Watch<F> {
        self.poll_until_done(batch).watch()
    }

    /// Goes on with a poll from a text that [`Watch::snapshot`] or a `POLL_TIMEOUT` error gave, in this or another process.
    /// Snapshots are yours to trust: whoever writes one decides which batch is asked for.
    pub fn resume<F: DeserializeOwned + 'static>(&self, snapshot: impl Into<String>) -> Poll<F> {
        self.poll(Origin::Snapshot(snapshot.into()))
    }

    /// Polls many batches, of both endpoints, all at once: the lanes see to the order. What is done first comes first, and one
    /// that fails never stops the others.
    ///
    /// # Errors
    ///
    /// `CLOSED`, and `UNSUPPORTED` on a platform without JavaScript.
    pub fn poll_many<F: DeserializeOwned + 'static>(
        &self,
        batches: impl IntoIterator<Item = Batch>,
    ) -> Result<ManyPolls<F>, Error> {
        let session = self.session.open()?;
        let (polls, intake) = Many::new(Some(session.clone()));
        for batch in batches {
            let question = CallOptions::default().poll(batch.clone(), &session.config, &Default::default());
            intake.begin(batch, question, None);
        }
        intake.close(None);
        Ok(ManyPolls { polls: SendWrapper::new(polls), fields: PhantomData })
    }

    /// What each endpoint's lane is doing and why, of the endpoints this client has used.
    pub fn lanes(&self) -> Vec<LaneReport> {
        self.session.get().map(|session| lane_reports(session)).unwrap_or_default()
    }

    /// Ends all that runs, of all clones, with `CLOSED`.
    pub fn close(&self) {
        if let Some(session) = self.session.get() {
            session.close();
        }
    }

    pub(super) const fn new(session: Held) -> Self {
        Self { session }
    }

    fn poll<F>(&self, origin: Origin) -> Poll<F> {
        Poll { session: self.session.clone(), origin, options: CallOptions::default(), fields: PhantomData }
    }
}

impl fmt::Debug for Client {
    /// Without the token.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").finish_non_exhaustive()
    }
}
