//! The client of Rust callers: what it can be asked.

use std::fmt;
use std::marker::PhantomData;

use send_wrapper::SendWrapper;
use serde::de::DeserializeOwned;

use super::error::Error;
use super::job::Job;
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
/// All clients of a page, Worker isolate or process that use the same token for the same endpoint share one lane: one request in
/// flight, the next no earlier than the client's minimal interval after the last one started and after its response headers
/// arrived. [`close`](Self::close) ends the calls of all clones.
#[derive(Clone)]
pub struct Client {
    pub(super) session: Held,
}

impl Client {
    /// Sends one request for a batch, which may not be finished yet: look at `done`.
    ///
    /// ```no_run
    /// # async fn example(client: extracta_wasm::Client) -> Result<(), extracta_wasm::Error> {
    /// use extracta_wasm::{Batch, Classification};
    ///
    /// let batch = Batch::classification("-OExampleClassification", "example").file("-OFile");
    /// let results = client.get_results::<Classification>(batch).await?;
    /// if results.done {
    ///     println!("{:?}", results.files);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Any failure of the request, which is not repeated.
    pub fn get_results<F: DeserializeOwned + 'static>(
        &self,
        batch: Batch,
    ) -> impl Future<Output = Result<Results<F>, Error>> + Send + use<F> {
        let session = self.session.clone();
        SendWrapper::new(async move {
            let session = session.open()?;
            let arguments = CallOptions::default().single_request(batch, &session.config)?;
            let (running, result) = start(session, arguments, None, None);
            read_into(result.await?).map_err(|error| running.complete(error))
        })
    }

    /// Polls until every file of the batch is finished. A file that failed is data, not an error.
    ///
    /// ```no_run
    /// # async fn example(client: extracta_wasm::Client) -> Result<(), extracta_wasm::Error> {
    /// use std::time::Duration;
    ///
    /// use extracta_wasm::{Batch, Status};
    /// use serde_json::Value;
    ///
    /// let batch = Batch::extraction("-OExampleExtraction", "example");
    /// let results = client.poll_until_done::<Value>(batch).timeout(Duration::from_secs(600)).max_retries(10).await?;
    /// for file in &results.files {
    ///     match (&file.status, &file.result) {
    ///         (Status::Processed, Some(result)) => println!("{:?}: {result}", file.file_name),
    ///         (status, _) => println!("{:?} is {}: {:?}", file.file_name, status.as_str(), file.error),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn poll_until_done<F: DeserializeOwned + 'static>(&self, batch: impl Into<Job>) -> Poll<F> {
        let Job { batch, expected_files } = batch.into();
        let poll = self.poll(Origin::Batch(batch));
        match expected_files {
            Some(files) => poll.expected_files(files),
            None => poll,
        }
    }

    /// The same poll, watched: a stream of its progress. For options, call [`Poll::watch`].
    ///
    /// ```no_run
    /// # async fn example(client: extracta_wasm::Client) -> Result<(), extracta_wasm::Error> {
    /// use extracta_wasm::Batch;
    /// use futures_util::StreamExt;
    /// use serde_json::Value;
    ///
    /// let mut watch = client.watch::<Value>(Batch::extraction("-OExampleExtraction", "example"));
    /// while let Some(progress) = watch.next().await {
    ///     let progress = progress?;
    ///     println!("{} of {} files", progress.counts.processed + progress.counts.failed, progress.counts.total);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn watch<F: DeserializeOwned + 'static>(&self, batch: impl Into<Job>) -> Watch<F> {
        self.poll_until_done(batch).watch()
    }

    /// Continues a poll from a snapshot, of [`Watch::snapshot`] or of a `POLL_TIMEOUT` error, in this or another process. A
    /// snapshot decides which batch is polled: see [`Poll::only_of`].
    ///
    /// ```no_run
    /// # async fn example(client: extracta_wasm::Client, store: impl Fn(&str)) -> Result<(), extracta_wasm::Error> {
    /// use std::time::Duration;
    ///
    /// use extracta_wasm::Batch;
    /// use serde_json::Value;
    ///
    /// let poll = client.poll_until_done::<Value>(Batch::extraction("-OExampleExtraction", "example"));
    /// let results = match poll.timeout(Duration::from_secs(25)).await {
    ///     Err(error) if error.snapshot().is_some() => {
    ///         let snapshot = error.snapshot().unwrap_or_default();
    ///         store(snapshot);
    ///         client.resume(snapshot).await?
    ///     }
    ///     ended => ended?,
    /// };
    /// # drop(results);
    /// # Ok(())
    /// # }
    /// ```
    pub fn resume<F: DeserializeOwned + 'static>(&self, snapshot: impl Into<String>) -> Poll<F> {
        self.poll(Origin::Snapshot(snapshot.into()))
    }

    /// Polls many batches, of both endpoints, all at once; the lanes decide the order. Each arrives as it settles, and one
    /// that fails never stops the others.
    ///
    /// ```no_run
    /// # async fn example(client: extracta_wasm::Client) -> Result<(), extracta_wasm::Error> {
    /// use extracta_wasm::Batch;
    /// use futures_util::StreamExt;
    /// use serde_json::Value;
    ///
    /// let batches = ["monday", "tuesday"].map(|id| Batch::extraction("-OExampleExtraction", id));
    /// let mut polls = client.poll_many::<Value>(batches)?;
    /// while let Some(settled) = polls.next().await {
    ///     match settled.result {
    ///         Ok(results) => println!("{}: {} files", settled.batch.batch_id, results.files.len()),
    ///         Err(error) => println!("{}: {error}", settled.batch.batch_id),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
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
            let arguments = CallOptions::default().poll(batch.clone(), &session.config, &Default::default());
            intake.begin(batch, arguments.map(|arguments| (arguments, None)), None);
        }
        intake.close(None);
        Ok(ManyPolls { polls: SendWrapper::new(polls), fields: PhantomData })
    }

    /// What the lane of each endpoint that this client has used is doing, and why.
    ///
    /// ```
    /// # fn main() -> Result<(), extracta_wasm::Error> {
    /// let client = extracta_wasm::Client::builder().base_url("https://proxy.example/extracta").build()?;
    /// for lane in client.lanes() {
    ///     println!("{}: {} wait, next slot in {} ms", lane.endpoint.path(), lane.waiting, lane.next_slot_in_ms);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn lanes(&self) -> Vec<LaneReport> {
        self.session.get().map(|session| lane_reports(session)).unwrap_or_default()
    }

    /// Ends every pending call of this client and its clones with `CLOSED`.
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

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use std::pin::{Pin, pin};
    use std::task::{Context, Poll, Waker};

    use futures_core::Stream;
    use serde_json::Value;

    use super::*;
    use crate::core::error::Code;

    fn is_send<T: Send>(value: T) -> T {
        value
    }

    /// Runs what waits for nothing.
    fn ready<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("it waits"),
        }
    }

    fn next<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
        ready(std::future::poll_fn(|context| Pin::new(&mut *stream).poll_next(context)))
    }

    #[test]
    fn without_javascript_a_client_can_be_made_and_each_call_fails_with_an_error() {
        let client = is_send(Client::builder().base_url("/api").token("key").build().unwrap());
        let batch = || Batch::extraction("-e", "b");
        let errors = [
            ready(is_send(client.get_results::<Value>(batch()))).unwrap_err(),
            ready(is_send(client.poll_until_done::<Value>(batch()).into_future())).unwrap_err(),
            ready(is_send(client.resume::<Value>("{}").into_future())).unwrap_err(),
            client.poll_many::<Value>([batch()]).map(is_send).unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.code(), Code::Unsupported);
            let error: Box<dyn std::error::Error + Send + Sync> = error.into();
            assert!(error.to_string().contains("wasm32-unknown-unknown"), "{error}");
        }
        let mut watch = is_send(client.watch::<Value>(batch()));
        assert_eq!(watch.snapshot(), None);
        assert_eq!(next(&mut watch).unwrap().unwrap_err().code(), Code::Unsupported);
        assert!(next(&mut watch).is_none());
        assert!(client.lanes().is_empty());
        client.close();
    }
}
