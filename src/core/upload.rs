//! Where files are uploaded to, and what the reply to that means.

use crate::core::batch::{Batch, Endpoint};
use crate::core::error::{Code, Failure};
use crate::core::response::{Json, Kind, error_in};

/// Where files go: an extraction or a classification, and, if they are to join one, a batch of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target(Batch);

impl Target {
    /// A new batch of an extraction.
    pub fn extraction(extraction_id: impl Into<String>) -> Self {
        Self(Batch::extraction(extraction_id, ""))
    }

    /// A new batch of a classification.
    pub fn classification(classification_id: impl Into<String>) -> Self {
        Self(Batch::classification(classification_id, ""))
    }

    /// A batch that exists: the files are added to it.
    #[must_use]
    pub fn batch(self, batch_id: impl Into<String>) -> Self {
        Self(Batch { batch_id: batch_id.into(), ..self.0 })
    }

    #[doc(hidden)]
    /// As a batch, whose id is empty where the API is to make it.
    pub const fn as_batch(&self) -> &Batch {
        &self.0
    }

    #[doc(hidden)]
    /// What kind of target it is.
    pub const fn endpoint(&self) -> Endpoint {
        self.0.endpoint
    }

    #[doc(hidden)]
    /// The target as part of the form, in the order in which servers like to read it: before the files.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let Batch { endpoint, template_id, batch_id, .. } = &self.0;
        [(endpoint.template_member(), template_id.as_str()), ("batchId", batch_id.as_str())]
            .into_iter()
            .filter(|(_, id)| !id.is_empty())
    }
}

/// The file name extensions that the API is known to take.
const EXTENSIONS: [&str; 9] = ["pdf", "doc", "docx", "txt", "jpg", "jpeg", "png", "tiff", "bmp"];

/// Whether a file's name ends like that of a document that the API is known to read.
pub fn has_known_extension(name: &str) -> bool {
    let dot = name.bytes().rposition(|byte| byte == b'.');
    let extension = dot.and_then(|dot| name.get(dot + 1..)).unwrap_or_default();
    EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(extension))
}

/// Reads the body of a 2xx reply to an upload: the id of the batch that the files are in.
pub fn read_upload<J: Json>(reply: &J, secret: &dyn Fn() -> Option<String>) -> Result<String, Box<Failure>> {
    if reply.kind() != Kind::Object {
        return Err(Failure::new(Code::NotJson).into());
    }
    let text = |name| reply.member(name).and_then(|member| member.text());
    error_in(reply, text("status").as_deref(), secret)?;
    text("batchId").filter(|id| !id.is_empty()).ok_or_else(|| {
        let detail = Some("The answer to the upload names no batch.".into());
        Failure { detail, ..Failure::new(Code::UnexpectedReply) }.into()
    })
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_form_names_a_batch_only_where_there_is_one() {
        let fields = |target: &Target| target.fields().map(|(name, id)| format!("{name}={id}")).collect::<Vec<_>>();
        assert_eq!(fields(&Target::extraction("-e")), ["extractionId=-e"]);
        assert_eq!(fields(&Target::classification("-c").batch("b")), ["classificationId=-c", "batchId=b"]);
    }

    #[test]
    fn documents_are_known_by_the_ends_of_their_names() {
        for name in ["a.pdf", "A.PDF", "חשבונית \"x\".docx", "a.b.Jpeg", ".txt"] {
            assert!(has_known_extension(name), "{name}");
        }
        for name in ["", "pdf", "a.", "a.pdf.zip", "a.pdfx", "a.pdf "] {
            assert!(!has_known_extension(name), "{name}");
        }
    }

    #[test]
    fn a_reply_is_good_that_names_a_batch() {
        let read = |reply| {
            read_upload(&&reply, &|| Some("key".into())).map_err(|failure| (failure.code, failure.server_message))
        };
        assert_eq!(read(json!({ "status": "uploaded", "batchId": "b", "files": "any" })), Ok("b".into()));
        assert_eq!(read(json!({ "status": 1, "batchId": "b" })), Ok("b".into()));
        let bad = |code, words: Option<&str>| Err((code, words.map(Into::into)));
        assert_eq!(read(json!({ "batchId": "" })), bad(Code::UnexpectedReply, None));
        assert_eq!(read(json!({ "batchId": 7 })), bad(Code::UnexpectedReply, None));
        assert_eq!(read(json!(["b"])), bad(Code::NotJson, None));
        assert_eq!(read(json!({ "error": "no key", "batchId": "b" })), bad(Code::ApiError, Some("no •••")));
        assert_eq!(read(json!({ "status": "error", "message": "down" })), bad(Code::Server, Some("down")));
    }
}
