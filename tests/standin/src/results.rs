//! One poll of a results endpoint: it arrives, is judged by the floor, may fall into an outage, is judged by its token and
//! its body, and only then counts for the script its batch id names.

use axum::{
    body::to_bytes,
    extract::Request,
    http::{HeaderMap, header},
    response::Response,
};
use serde_json::{Value, json};

use crate::{
    connection::Fate,
    family::{Family, Ids},
    faults::deliver,
    reply::Reply,
    scripts::{self, Poll},
    standin::{Arrival, Endpoint, Standin},
};

/// Far more than three ids need.
const LONGEST_BODY: usize = 64 * 1024;

/// Answers one request to a results endpoint.
pub(crate) async fn answer(standin: &Standin, family: Family, fate: &Fate, request: Request) -> Response {
    let token = bearer(request.headers()).unwrap_or_default().to_owned();
    let arrival = standin.arrive(Endpoint::Results(family), &token);
    let reply = judge(standin, family, &token, &arrival, request).await;
    standin.note(&arrival, |entry| entry.http_status = reply.visible_status());
    deliver(reply, fate).await
}

/// Logs a visit to the place the batch `redirect` points to. A client that follows takes its token along.
pub(crate) fn elsewhere(standin: &Standin, headers: &HeaderMap) -> Reply {
    let arrival = standin.arrive(Endpoint::Elsewhere, bearer(headers).unwrap_or_default());
    standin.note(&arrival, |entry| entry.http_status = Some(200));
    Reply::ok(&json!({ "elsewhere": true }))
}

/// The request is read to its end even when it is refused: an unread rest would turn the close into a reset.
async fn judge(standin: &Standin, family: Family, token: &str, arrival: &Arrival, request: Request) -> Reply {
    let ids = read_ids(family, request).await;
    if let Ok(ids) = &ids {
        standin.note(arrival, |entry| {
            entry.batch_id = Some(ids.batch_id.clone());
            entry.file_id = ids.file_id.clone();
        });
    }
    if arrival.violation {
        return too_soon(standin, family);
    }
    if standin.is_out(arrival) {
        return Reply::json(503, &family.error("Service unavailable"));
    }
    if let Some(refusal) = refuse(token) {
        return refusal;
    }
    let ids = match ids {
        Ok(ids) => ids,
        Err(reason) => return invalid(family, reason),
    };
    if let Some(files) = standin.with_made((arrival.token, family, &ids.batch_id), |made| made.files()) {
        let count = standin.count_poll(arrival.token, Endpoint::Results(family), &ids.batch_id);
        return scripts::uploaded(&Poll { ids, count, number: 0 }, &files);
    }
    let Some((script, number)) = scripts::find(&ids.batch_id) else {
        let hint = format!("The stand-in has no batch \"{}\"; `--help` lists the ones it has", ids.batch_id);
        return Reply::json(404, &family.error(&hint));
    };
    let count = standin.count_poll(arrival.token, Endpoint::Results(family), &ids.batch_id);
    script.play(&Poll { ids, count, number })
}

fn too_soon(standin: &Standin, family: Family) -> Reply {
    let reply = Reply::json(429, &family.error("Too many requests"));
    match standin.retry_after.value(standin.floor) {
        Some(value) => reply.header("retry-after", value),
        None => reply,
    }
}

pub(crate) fn refuse(token: &str) -> Option<Reply> {
    let (status, reason) = match token {
        "" => (401, "No token provided"),
        "invalid" => (401, "Invalid token"),
        "forbidden" => (403, "Forbidden"),
        // A token provider asked again is expected to send another one.
        expired if expired.starts_with("expired") => (401, "Token expired"),
        _ => return None,
    };
    Some(Reply::json(status, &json!({ "error": reason })))
}

pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The documentation shows one wording per family. What is wrong with the request is for the person writing the client.
pub(crate) fn invalid(family: Family, reason: String) -> Reply {
    let wording = match family {
        Family::Extraction => "Invalid request".to_owned(),
        Family::Classification => format!("Invalid request: {reason}"),
    };
    Reply::json(400, &family.error(&wording))
}

async fn read_ids(family: Family, request: Request) -> Result<Ids, String> {
    let (head, body) = request.into_parts();
    let bytes = to_bytes(body, LONGEST_BODY).await.map_err(|_| "the body is too long or incomplete".to_owned())?;
    let content_type = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !content_type.is_some_and(|value| value.trim_start().to_ascii_lowercase().starts_with("application/json")) {
        return Err("content-type is not application/json".to_owned());
    }
    let body: Value = serde_json::from_slice(&bytes).map_err(|_| "the body is not JSON".to_owned())?;
    let text = |member: &str| match body.get(member) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        _ => Err(format!("{member} must be a non-empty string")),
    };
    Ok(Ids {
        family,
        id: text(family.id_member())?,
        batch_id: text("batchId")?,
        file_id: body.get("fileId").map(|_| text("fileId")).transpose()?,
    })
}
