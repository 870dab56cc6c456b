//! The two families of the API, data extraction and document classification, and how the envelopes of their replies differ.

use serde_json::{Map, Value, json};

/// Which results endpoint is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Family {
    /// `POST /getBatchResults`
    Extraction,
    /// `POST /documentClassification/getResults`
    Classification,
}

impl Family {
    /// The endpoint's path below the base URL.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Extraction => "/getBatchResults",
            Self::Classification => "/documentClassification/getResults",
        }
    }

    /// Where files are uploaded, below the base URL.
    pub(crate) fn upload_path(self) -> &'static str {
        match self {
            Self::Extraction => "/uploadFiles",
            Self::Classification => "/documentClassification/uploadFiles",
        }
    }

    /// The name of the id that comes with the batch id.
    pub(crate) fn id_member(self) -> &'static str {
        match self {
            Self::Extraction => "extractionId",
            Self::Classification => "classificationId",
        }
    }

    /// An error as this family's results page shows it.
    pub(crate) fn error(self, message: &str) -> Value {
        match self {
            Self::Extraction => json!({ "error": message }),
            Self::Classification => json!({ "status": "error", "message": message }),
        }
    }
}

/// The ids of a request, echoed in every reply that is about the batch.
#[derive(Clone, Debug)]
pub(crate) struct Ids {
    /// Which endpoint was asked.
    pub(crate) family: Family,
    /// The extraction's or the classification's id; a stand-in takes any.
    pub(crate) id: String,
    /// The batch, which names the script.
    pub(crate) batch_id: String,
    /// The one file asked for, if only one was.
    pub(crate) file_id: Option<String>,
}

impl Ids {
    fn echo(&self) -> Map<String, Value> {
        let mut reply = Map::new();
        reply.insert(self.family.id_member().to_owned(), json!(self.id));
        reply.insert("batchId".to_owned(), json!(self.batch_id));
        reply
    }

    /// The documented reply of a batch that is not ready. It has no `files`, and classification's shows no `fileId`.
    pub(crate) fn waiting(&self) -> Value {
        let mut reply = self.echo();
        reply.insert("status".to_owned(), json!("waiting"));
        if let (Family::Extraction, Some(file_id)) = (self.family, &self.file_id) {
            reply.insert("fileId".to_owned(), json!(file_id));
        }
        Value::Object(reply)
    }

    /// The documented envelope of a reply with results: a finished extraction has no top-level `status`.
    pub(crate) fn envelope(&self) -> Map<String, Value> {
        let mut reply = self.echo();
        if self.family == Family::Classification {
            reply.insert("status".to_owned(), json!("success"));
        }
        if let Some(file_id) = &self.file_id {
            reply.insert("fileId".to_owned(), json!(file_id));
        }
        reply
    }

    /// A reply with these files, or with the one of them that was asked for.
    pub(crate) fn with_files(&self, files: Vec<Value>) -> Value {
        self.with("files", Value::Array(self.filtered(files)))
    }

    /// A reply with one more member than the envelope.
    pub(crate) fn with(&self, member: &str, value: Value) -> Value {
        let mut reply = self.envelope();
        reply.insert(member.to_owned(), value);
        Value::Object(reply)
    }

    /// The documentation's own sample has a filtered reply whose only file carries no `fileId`; so of files without one,
    /// the first is taken for the one asked for.
    fn filtered(&self, files: Vec<Value>) -> Vec<Value> {
        let Some(wanted) = &self.file_id else { return files };
        let (named, unnamed): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| file.get("fileId").is_some());
        let named = named.into_iter().filter(|file| file.get("fileId").and_then(Value::as_str) == Some(wanted));
        named.chain(unnamed.into_iter().take(1)).collect()
    }
}
