//! Uploads as Rust callers ask for them.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use send_wrapper::SendWrapper;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::client::Client;
use super::error::Error;
use super::job::Uploaded;
use super::number::{Given, milliseconds};
use super::options::{CallOptions, upload_timeout_ms};
use super::poll::{Origin, Poll};
use super::progress::Listener;
use super::results::{Classification, Progress, Results, read_into};
use super::session::Session;
use super::upload::file::{UploadFile, none};
use super::upload::{Files, UploadListener, UploadProgress, start_upload, start_upload_and_poll};
use super::watch::read_update;
use crate::core::batch::{Batch, Endpoint};
use crate::core::error::Failure;
use crate::core::upload::Target;

/// An upload that was begun by [`Client::upload_files`]. It is sent when it is first polled, and once only; dropping it aborts it.
#[must_use = "an upload begins when it is awaited"]
pub struct Upload {
    client: Client,
    target: Target,
    files: Vec<UploadFile>,
    timeout_ms: Given,
    listener: Option<Rc<dyn Fn(UploadProgress)>>,
}

impl Client {
    /// Uploads files in one request, which is never repeated by itself: a failure may have come after they arrived, and a second
    /// upload would be billed as well.
    ///
    /// ```no_run
    /// # async fn example(client: extracta_wasm::Client, pdf: Vec<u8>) -> Result<(), extracta_wasm::Error> {
    /// use extracta_wasm::{Target, UploadFile};
    /// use serde_json::Value;
    ///
    /// let files = [UploadFile::bytes("invoice.pdf", pdf)];
    /// let uploaded = client.upload_files(Target::extraction("-OExampleExtraction"), files).await?;
    /// let results = client.poll_until_done::<Value>(uploaded).await?;
    /// # drop(results);
    /// # Ok(())
    /// # }
    /// ```
    pub fn upload_files(&self, target: Target, files: impl IntoIterator<Item = UploadFile>) -> Upload {
        let files = files.into_iter().collect();
        Upload { client: self.clone(), target, files, timeout_ms: Given::Nothing, listener: None }
    }

    /// Uploads files to an extraction, and polls until every one of them is finished.
    ///
    /// ```no_run
    /// # async fn example(client: extracta_wasm::Client, pdf: Vec<u8>) -> Result<(), extracta_wasm::Error> {
    /// use extracta_wasm::{Target, UploadFile};
    /// use serde_json::Value;
    ///
    /// let files = [UploadFile::bytes("invoice.pdf", pdf)];
    /// let results = client.extract::<Value>(Target::extraction("-OExampleExtraction"), files).await?;
    /// for file in results.files {
    ///     println!("{:?}: {:?}", file.file_name, file.result);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn extract<F>(&self, target: Target, files: impl IntoIterator<Item = UploadFile>) -> Extract<F> {
        Extract::new(self, Endpoint::Extraction, target, files)
    }

    /// Uploads files to a classification, and polls until every one of them is finished.
    pub fn classify(&self, target: Target, files: impl IntoIterator<Item = UploadFile>) -> Extract<Classification> {
        Extract::new(self, Endpoint::Classification, target, files)
    }
}

impl Upload {
    /// How long it may take. Default: 10 minutes.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout_ms = milliseconds(limit).into();
        self
    }

    /// A callback that receives the progress.
    pub fn on_progress(mut self, listener: impl Fn(UploadProgress) + 'static) -> Self {
        self.listener = Some(Rc::new(listener));
        self
    }

    /// The files, checked.
    fn checked(self, session: &Session) -> Result<Files, Error> {
        session.config.ready()?;
        let parts = self.files.into_iter().enumerate().map(|(index, file)| file.part(index));
        let parts = parts.collect::<Result<Vec<_>, _>>()?;
        if parts.is_empty() {
            return Err(none());
        }
        let listener = self.listener.map(|callback| {
            let listener: UploadListener = Rc::new(move |progress, _| {
                callback(progress);
                Ok(())
            });
            listener
        });
        Ok(Files { target: self.target, parts, timeout_ms: upload_timeout_ms(&self.timeout_ms)?, listener })
    }
}

impl IntoFuture for Upload {
    type Output = Result<Uploaded, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(SendWrapper::new(async move {
            let client = self.client.clone();
            let session = client.session.open()?;
            let (target, files) = (self.target.clone(), self.files.len());
            let about = target.as_batch();
            let checked = self.checked(session).map_err(|error| error.about(about, None))?;
            let (_, result) = start_upload(session, checked);
            let reply: Map<String, Value> = read_into(result.await?)?;
            let batch_id = reply.get("batchId").and_then(Value::as_str).unwrap_or_default().to_owned();
            Ok(Uploaded { batch: Batch { batch_id, ..about.clone() }, files: files as u32, reply })
        }))
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Upload");
        shown.field("target", &self.target).field("files", &self.files.len()).finish_non_exhaustive()
    }
}

/// An upload and the poll of its batch. It begins when it is first polled; dropping it ends it.
///
/// An error that comes after the upload names the batch ([`Error::batch`]): poll that, and do not upload again.
#[must_use = "an upload begins when it is awaited"]
pub struct Extract<F> {
    endpoint: Endpoint,
    upload: Upload,
    poll: Poll<F>,
    listener: Option<Rc<dyn Fn(ExtractProgress<F>)>>,
}

/// How far an upload and the poll of its batch are.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ExtractProgress<F> {
    /// The files are on their way.
    Upload(UploadProgress),
    /// They have arrived.
    Results(Progress<F>),
}

impl<F> Extract<F> {
    fn new(client: &Client, endpoint: Endpoint, target: Target, files: impl IntoIterator<Item = UploadFile>) -> Self {
        let poll = Poll {
            session: client.session.clone(),
            origin: Origin::Batch(target.as_batch().clone()),
            options: CallOptions::default(),
            fields: PhantomData,
        };
        Self { endpoint, upload: client.upload_files(target, files), poll, listener: None }
    }

    /// How long the upload may take. Default: 10 minutes.
    pub fn upload_timeout(mut self, limit: Duration) -> Self {
        self.upload = self.upload.timeout(limit);
        self
    }

    /// The options of the poll: `.polling(|poll| poll.timeout(limit))`.
    pub fn polling(mut self, options: impl FnOnce(Poll<F>) -> Poll<F>) -> Self {
        self.poll = options(self.poll);
        self
    }

    /// A callback that receives the progress.
    pub fn on_progress(mut self, listener: impl Fn(ExtractProgress<F>) + 'static) -> Self {
        self.listener = Some(Rc::new(listener));
        self
    }
}

impl<F: DeserializeOwned + 'static> IntoFuture for Extract<F> {
    type Output = Result<Results<F>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(SendWrapper::new(async move {
            let session = self.poll.session.clone();
            let session = session.open()?;
            let target = self.upload.target.clone();
            if target.endpoint() != self.endpoint {
                let member = self.endpoint.template_member();
                let allowed = ["one with ", member, ": extract() is for extractions, classify() for classifications"];
                return Err(Failure::invalid("target", &allowed.concat(), target.endpoint().template_member()).into());
            }
            let mut listener: Option<Listener> = None;
            if let Some(callback) = self.listener.take() {
                let on_upload = callback.clone();
                self.upload = self.upload.on_progress(move |progress| on_upload(ExtractProgress::Upload(progress)));
                listener = Some(Rc::new(move |update, _| {
                    callback(ExtractProgress::Results(read_update(update)?));
                    Ok(())
                }));
            }
            let (arguments, _) = self.poll.arguments()?;
            let files = self.upload.checked(session).map_err(|error| error.about(target.as_batch(), None))?;
            let (_, result) = start_upload_and_poll(session, files, arguments, listener);
            read_into(result.await?)
        }))
    }
}

impl<F> fmt::Debug for Extract<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Extract").field("upload", &self.upload).finish_non_exhaustive()
    }
}
