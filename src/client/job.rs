//! What is to be polled: a batch, or what an upload made.

use serde_json::{Map, Value};

use crate::core::batch::Batch;

/// What an upload made: a batch to poll.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Uploaded {
    /// The batch that the files are in.
    pub batch: Batch,
    /// How many files were uploaded.
    pub files: u32,
    /// The API's reply, as it came.
    pub reply: Map<String, Value>,
}

impl From<Uploaded> for Batch {
    fn from(uploaded: Uploaded) -> Self {
        uploaded.batch
    }
}

/// A batch to poll, and how many files it has, where that is known: made from a [`Batch`], or from what was [`Uploaded`].
#[derive(Clone, Debug)]
pub struct Job {
    pub(super) batch: Batch,
    pub(super) expected_files: Option<u32>,
}

impl From<Batch> for Job {
    fn from(batch: Batch) -> Self {
        Self { batch, expected_files: None }
    }
}

impl From<Uploaded> for Job {
    fn from(uploaded: Uploaded) -> Self {
        Self { batch: uploaded.batch, expected_files: Some(uploaded.files) }
    }
}

impl From<&Uploaded> for Job {
    fn from(uploaded: &Uploaded) -> Self {
        uploaded.clone().into()
    }
}
