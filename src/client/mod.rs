//! The client: one `async` driver for every call, and its Rust face.

mod attempt;
mod builder;
pub(crate) mod call;
pub(crate) mod control;
mod driver;
pub(crate) mod error;
pub(crate) mod feed;
mod follow;
mod lanes;
pub(crate) mod many;
pub(crate) mod options;
mod place;
mod poll;
pub(crate) mod progress;
pub(crate) mod report;
mod results;
pub(crate) mod session;
pub(crate) mod shared_pacing;
pub(crate) mod start;
pub(crate) mod token;
mod watch;

use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;

use js_sys::Array;
use send_wrapper::SendWrapper;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

pub use builder::ClientBuilder;
pub use error::Error;
pub use poll::{ManyPolls, Poll, Settled};
pub use report::{LaneDecision, LaneReport};
pub use results::{Classification, Counts, File, Link, Progress, Results, Status};
pub use shared_pacing::{Member, SharedPacing};
pub use token::TokenProvider;

pub use crate::web::LocalFuture;
pub use watch::{Watch, WatchHandle};

use self::many::Many;
use self::options::CallOptions;
use self::poll::Origin;
use self::session::Session;
use self::start::start;
use crate::core::batch::{Batch, Endpoint};
use crate::core::error::{Code, Failure};

/// Client for the two results endpoints of Extracta.ai.
///
/// Every client of a page, Worker isolate or process that aims the same token at the same endpoint shares one lane: one request
/// in flight, the next no earlier than the client's minimal interval after the last one started and after its response headers
/// arrived. Clones share their calls' end: [`close`](Self::close) ends those of all.
#[derive(Clone)]
pub struct Client {
    /// `None` where there is no JavaScript.
    session: Option<SendWrapper<Rc<Session>>>,
}

impl Client {
    /// The options of a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Asks for a batch once. It may not be finished: look at `done`.
    ///
    /// # Errors
    ///
    /// Whatever goes wrong with the request; it is not repeated.
    pub fn get_results<F: DeserializeOwned + 'static>(
        &self,
        batch: Batch,
    ) -> impl Future<Output = Result<Results<F>, Error>> + Send + use<F> {
        let client = self.clone();
        SendWrapper::new(async move {
            let session = client.session()?;
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
        let session = self.session()?;
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
        self.session.as_ref().map(|session| lane_reports(session)).unwrap_or_default()
    }

    /// Ends all that runs, of all clones, with `CLOSED`.
    pub fn close(&self) {
        if let Some(session) = &self.session {
            session.close();
        }
    }

    pub(crate) const fn unsupported() -> Self {
        Self { session: None }
    }

    fn poll<F>(&self, origin: Origin) -> Poll<F> {
        Poll { client: self.clone(), origin, options: CallOptions::default(), fields: PhantomData }
    }

    fn session(&self) -> Result<&Rc<Session>, Error> {
        let session = self.session.as_ref().ok_or_else(|| Error::from(Failure::new(Code::Unsupported)))?;
        session.check()?;
        Ok(session)
    }
}

impl fmt::Debug for Client {
    /// Without the token.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").finish_non_exhaustive()
    }
}

pub(crate) fn lane_reports(session: &Session) -> Vec<LaneReport> {
    let endpoints = [Endpoint::Extraction, Endpoint::Classification].into_iter();
    endpoints.filter_map(|endpoint| Some(LaneReport::new(endpoint, &session.known_lane(endpoint)?))).collect()
}

/// A reply as the caller's own type.
fn read_into<T: DeserializeOwned>(value: JsValue) -> Result<T, Error> {
    serde_wasm_bindgen::from_value(value).map_err(|error| {
        // Serde's words may quote the document: it names a field or a type, and the value that was found.
        let _ = error;
        let detail =
            "The results do not fit the type they are to be read into. Check its fields against a result as JSON.";
        Failure { detail: Some(detail.into()), ..Failure::new(Code::UnexpectedReply) }.into()
    })
}

fn read_files<F: DeserializeOwned>(files: Array) -> Result<Vec<File<F>>, Error> {
    read_into(files.into())
}
