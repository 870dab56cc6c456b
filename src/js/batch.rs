//! A batch as callers name it.

use wasm_bindgen::prelude::*;

use super::reader::{Reader, kind_of};
use crate::client::error::Error;
use crate::core::batch::{Batch, Endpoint};
use crate::core::error::Failure;
use crate::core::upload::Target;

const TEXT: &str = "a string that is not empty";

const ENDPOINTS: [Endpoint; 2] = [Endpoint::Extraction, Endpoint::Classification];

/// The ids of a batch; of one kind only, where that was `required`.
pub(super) fn ids(batch: &JsValue, required: Option<Endpoint>) -> Result<Batch, Error> {
    let unfit = |allowed: &str, got: &str| Error::from(Failure::invalid("batch", allowed, got));
    let read = Reader::new(batch, "batch")?;
    if batch.is_undefined() {
        return Err(unfit("an object with extractionId or classificationId, and batchId", "undefined"));
    }
    let (endpoint, template_id) = template(&read, "batch", required)?
        .ok_or_else(|| unfit("an object with extractionId or classificationId, and batchId", "neither"))?;
    if let Some(required) = required.filter(|required| *required != endpoint) {
        let method = match endpoint {
            Endpoint::Extraction => "getBatchResults",
            Endpoint::Classification => "getClassificationResults",
        };
        let allowed = ["one with ", required.template_member(), " (for the other kind, call ", method, ")"].concat();
        return Err(unfit(&allowed, endpoint.template_member()));
    }
    let batch_id = id(&read, "batchId")?.ok_or_else(|| Failure::invalid("batchId", TEXT, "undefined"))?;
    Ok(Batch { endpoint, template_id, batch_id, file_id: id(&read, "fileId")? })
}

/// Where files go; to one kind only, where that was `required`.
pub(super) fn target(target: &JsValue, required: Option<Endpoint>) -> Result<Target, Error> {
    let unfit = |allowed: &str, got: &str| Error::from(Failure::invalid("target", allowed, got));
    let read = Reader::new(target, "target")?;
    let (endpoint, template_id) = template(&read, "target", required)?
        .ok_or_else(|| unfit("an object with extractionId or classificationId", "neither"))?;
    if let Some(required) = required.filter(|required| *required != endpoint) {
        let method = match endpoint {
            Endpoint::Extraction => "extract",
            Endpoint::Classification => "classify",
        };
        let allowed = ["one with ", required.template_member(), " (for the other kind, call ", method, ")"].concat();
        return Err(unfit(&allowed, endpoint.template_member()));
    }
    let target = match endpoint {
        Endpoint::Extraction => Target::extraction(template_id),
        Endpoint::Classification => Target::classification(template_id),
    };
    Ok(match id(&read, "batchId")? {
        Some(batch_id) => target.batch(batch_id),
        None => target,
    })
}

/// Which kind it is, and the id that says so; `None` where there is neither.
fn template(
    read: &Reader<'_>,
    name: &'static str,
    required: Option<Endpoint>,
) -> Result<Option<(Endpoint, String)>, Error> {
    let [extraction, classification] = ENDPOINTS.map(|endpoint| id(read, endpoint.template_member()));
    Ok(match (extraction?, classification?) {
        (Some(_), Some(_)) => {
            let allowed = "an object with either extractionId or classificationId";
            return Err(Failure::invalid(name, allowed, "both").into());
        }
        (Some(id), None) => Some((Endpoint::Extraction, id)),
        (None, Some(id)) => Some((Endpoint::Classification, id)),
        (None, None) => match required {
            Some(endpoint) => return Err(Failure::invalid(endpoint.template_member(), TEXT, "undefined").into()),
            None => None,
        },
    })
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
