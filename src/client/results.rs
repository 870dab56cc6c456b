//! Results as Rust sees them. Members that this version does not know are kept.

use js_sys::Array;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use wasm_bindgen::JsValue;

use super::error::Error;
use crate::core::error::{Code, Failure};

/// A batch: its files, and whether all of them are finished. `F` is what a file's `result` is read into.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Results<F> {
    /// Whether every file is final.
    pub done: bool,
    /// The extraction's id, on an extraction batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extraction_id: Option<String>,
    /// The classification's id, on a classification batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classification_id: Option<String>,
    /// The batch's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_id: Option<String>,
    /// The batch's own status, where the API sends one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The files.
    pub files: Vec<File<F>>,
    /// All other members of the reply.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A file of a batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct File<F> {
    /// The file's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_id: Option<String>,
    /// The name it was uploaded under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// How far it is.
    #[serde(default)]
    pub status: Status,
    /// What was read from the document.
    #[serde(default = "no_result", skip_serializing_if = "Option::is_none")]
    pub result: Option<F>,
    /// Link to the stored document. Whoever has it can read the document: treat it as a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Why the file failed, where the API says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The batch that a classified file is extracted in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extraction: Option<Link>,
    /// When extractions are followed: the file's result in the linked batch, or why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extracted: Option<Box<File<Value>>>,
    /// All other members of the file.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

// In place of `#[serde(default)]`, which would ask for `F: Default`.
const fn no_result<F>() -> Option<F> {
    None
}

/// The batch that a classified file is extracted in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Link {
    /// The extraction's id.
    pub extraction_id: String,
    /// The batch's id.
    pub batch_id: String,
    /// The file's id there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_id: Option<String>,
}

/// What a file was classified as: the `result` of a file of a classification batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Classification {
    /// The type's name. It may be `other`, and its letter case may differ from your list.
    pub document_type: String,
    /// From 0 to 1.
    pub confidence: f64,
}

/// How far a file is. The list is open: the API may send others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// Finished.
    Processed,
    /// Finished, without a result.
    Failed,
    /// Not begun.
    Waiting,
    /// In work.
    Processing,
    /// The reply says nothing of it.
    #[default]
    Unknown,
    /// A status that this version does not know.
    Other(String),
}

impl Status {
    /// As the API calls it; empty where it says nothing.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Processed => "processed",
            Self::Failed => "failed",
            Self::Waiting => "waiting",
            Self::Processing => "processing",
            Self::Unknown => "",
            Self::Other(status) => status,
        }
    }
}

impl From<String> for Status {
    fn from(status: String) -> Self {
        match status.as_str() {
            "processed" => Self::Processed,
            "failed" => Self::Failed,
            "waiting" => Self::Waiting,
            "processing" => Self::Processing,
            "" => Self::Unknown,
            _ => Self::Other(status),
        }
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

/// How many files are how far.
pub use crate::core::response::Counts;

/// How far a batch is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Progress<F> {
    /// Polls of this batch so far that reached the network, failed ones included.
    pub attempt: u32,
    /// Milliseconds since the poll began.
    pub elapsed_ms: f64,
    /// When the next poll is expected, in milliseconds from now; `None` once done.
    pub next_poll_in_ms: Option<f64>,
    /// Batches that go before this one on its lane.
    pub queue_position: u32,
    /// How many files are how far.
    pub counts: Counts,
    /// Files that became final since the last progress, each exactly once.
    pub new_files: Vec<File<F>>,
    /// The batch as it stands.
    pub results: Results<F>,
}

/// A reply as the caller's own type.
pub(super) fn read_into<T: DeserializeOwned>(value: JsValue) -> Result<T, Error> {
    serde_wasm_bindgen::from_value(value).map_err(|error| {
        // Serde's words may quote the document: it names a field or a type, and the value that was found.
        let _ = error;
        let detail = "The results do not fit your Rust type. Compare its fields with a result as JSON.";
        Failure { detail: Some(detail.into()), ..Failure::new(Code::UnexpectedReply) }.into()
    })
}

/// The same of a list of files.
pub(super) fn read_files<F: DeserializeOwned>(files: Array) -> Result<Vec<File<F>>, Error> {
    read_into(files.into())
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn what_this_version_does_not_know_is_kept() {
        let reply = serde_json::json!({
            "done": true,
            "extractionId": "-e",
            "batchId": "b",
            "creditsUsed": 3,
            "files": [{ "fileId": "f", "status": "reviewed", "result": { "total": "1" }, "pages": 2 }],
        });
        let results: Results<Value> = serde_json::from_value(reply.clone()).unwrap();
        assert_eq!(results.files[0].status, Status::Other("reviewed".into()));
        assert_eq!((&results.other["creditsUsed"], &results.files[0].other["pages"]), (&3.into(), &2.into()));
        assert_eq!(serde_json::to_value(&results).unwrap(), reply);
    }
}
