//! A batch as callers name it.

use wasm_bindgen::prelude::*;

use super::reader::{Reader, kind_of};
use crate::client::error::Error;
use crate::core::batch::{Batch, Endpoint};
use crate::core::error::Failure;

const TEXT: &str = "a string that is not empty";

const ENDPOINTS: [Endpoint; 2] = [Endpoint::Extraction, Endpoint::Classification];

/// The ids of a batch; of one kind only, where that was `asked` for.
pub(super) fn ids(batch: &JsValue, asked: Option<Endpoint>) -> Result<Batch, Error> {
    let unfit = |allowed: &str, got: &str| Error::from(Failure::invalid("batch", allowed, got));
    let read = Reader::new(batch, "batch")?;
    if batch.is_undefined() {
        return Err(unfit("an object with extractionId or classificationId, and batchId", "undefined"));
    }
    let [extraction, classification] = ENDPOINTS.map(|endpoint| id(&read, endpoint.template_member()));
    let (endpoint, template_id) = match (extraction?, classification?) {
        (Some(_), Some(_)) => return Err(unfit("an object with either extractionId or classificationId", "both")),
        (Some(id), None) => (Endpoint::Extraction, id),
        (None, Some(id)) => (Endpoint::Classification, id),
        (None, None) => {
            return Err(match asked {
                Some(endpoint) => Failure::invalid(endpoint.template_member(), TEXT, "undefined").into(),
                None => unfit("an object with extractionId or classificationId, and batchId", "neither"),
            });
        }
    };
    if let Some(asked) = asked.filter(|asked| *asked != endpoint) {
        let method = match endpoint {
            Endpoint::Extraction => "getBatchResults",
            Endpoint::Classification => "getClassificationResults",
        };
        let allowed = ["one with ", asked.template_member(), " (for the other kind, call ", method, ")"].concat();
        return Err(unfit(&allowed, endpoint.template_member()));
    }
    let batch_id = id(&read, "batchId")?.ok_or_else(|| Failure::invalid("batchId", TEXT, "undefined"))?;
    Ok(Batch { endpoint, template_id, batch_id, file_id: id(&read, "fileId")? })
}

fn id(read: &Reader<'_>, name: &'static str) -> Result<Option<String>, Error> {
    let value = read.get(name)?;
    if value.is_undefined() {
        return Ok(None);
    }
    match value.as_string().filter(|id| !id.is_empty()) {
        Some(id) => Ok(Some(id)),
        None => Err(Failure::invalid(name, TEXT, &kind_of(&value)).into()),
    }
}
