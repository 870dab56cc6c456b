//! What is asked of the API: one of two endpoints, and the ids of a batch.

use crate::core::fields::Fields;
use crate::core::fingerprint::fingerprint;

/// One of the two results endpoints. Each has a floor of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// `POST /getBatchResults`
    Extraction,
    /// `POST /documentClassification/getResults`
    Classification,
}

impl Endpoint {
    /// The path below the base URL, which also names the endpoint in errors and events.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Extraction => "getBatchResults",
            Self::Classification => "documentClassification/getResults",
        }
    }

    #[doc(hidden)]
    /// The path that files are uploaded to, below the base URL.
    pub const fn upload_path(self) -> &'static str {
        match self {
            Self::Extraction => "uploadFiles",
            Self::Classification => "documentClassification/uploadFiles",
        }
    }

    #[doc(hidden)]
    /// The member that holds the template's id, in requests and in the caller's batch.
    pub const fn template_member(self) -> &'static str {
        match self {
            Self::Extraction => "extractionId",
            Self::Classification => "classificationId",
        }
    }
}

/// A batch: the documents of one upload. Made by [`Batch::extraction`] and [`Batch::classification`]. Ids are opaque: their length and alphabet have changed before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Which endpoint knows the batch.
    pub endpoint: Endpoint,
    /// The extraction's or classification's id.
    pub template_id: String,
    /// The batch's id; empty in events and errors of an upload that made no batch yet.
    pub batch_id: String,
    /// One file of the batch, or all.
    pub file_id: Option<String>,
}

impl Batch {
    /// A batch of an extraction.
    pub fn extraction(extraction_id: impl Into<String>, batch_id: impl Into<String>) -> Self {
        Self::new(Endpoint::Extraction, extraction_id.into(), batch_id.into())
    }

    /// A batch of a classification.
    pub fn classification(classification_id: impl Into<String>, batch_id: impl Into<String>) -> Self {
        Self::new(Endpoint::Classification, classification_id.into(), batch_id.into())
    }

    /// Only one file of the batch.
    pub fn file(self, file_id: impl Into<String>) -> Self {
        Self { file_id: Some(file_id.into()), ..self }
    }

    const fn new(endpoint: Endpoint, template_id: String, batch_id: String) -> Self {
        Self { endpoint, template_id, batch_id, file_id: None }
    }

    #[doc(hidden)]
    /// A number that stands for it among those of its endpoint.
    pub fn fingerprint(&self) -> u64 {
        fingerprint(&[&self.template_id, &self.batch_id, self.file_id.as_deref().unwrap_or_default()])
    }

    #[doc(hidden)]
    /// The ids as the API and callers name them, which is also the body of a request. An absent `fileId` is left out: what the
    /// API makes of an empty one is not known.
    pub fn ids(&self) -> Fields<'_> {
        let mut ids = Fields::default();
        self.name(&mut ids);
        ids
    }

    /// Adds the ids to other facts.
    pub fn name<'a>(&'a self, facts: &mut Fields<'a>) {
        facts.text(self.endpoint.template_member(), self.template_id.as_str());
        facts.text("batchId", Some(self.batch_id.as_str()).filter(|id| !id.is_empty()));
        facts.text("fileId", self.file_id.as_deref());
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    fn batch(endpoint: Endpoint, file_id: Option<&str>) -> Batch {
        Batch { endpoint, template_id: "-T".into(), batch_id: "b\"1".into(), file_id: file_id.map(Into::into) }
    }

    #[test]
    fn the_body_names_the_template_as_its_endpoint_does() {
        let body = |batch: Batch| serde_json::to_string(&batch.ids()).unwrap();
        assert_eq!(body(batch(Endpoint::Extraction, None)), r#"{"extractionId":"-T","batchId":"b\"1"}"#);
        assert_eq!(
            body(batch(Endpoint::Classification, Some("f"))),
            r#"{"classificationId":"-T","batchId":"b\"1","fileId":"f"}"#
        );
    }
}
