//! What `onEvent` is told: plain data, no token, no header, no document content.

use serde::Serialize;

use crate::error::Code;
use crate::job::Endpoint;

/// One thing that happened on the way to the results. Named and shaped as `ClientEvent` in `types.d.ts`.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase", rename_all_fields = "camelCase")]
pub(crate) enum Event<'a> {
    Wait { endpoint: Endpoint, batch_id: &'a str, wait_ms: f64 },
    Request { endpoint: Endpoint, batch_id: &'a str, attempt: u32 },
    Response { endpoint: Endpoint, batch_id: &'a str, attempt: u32, http_status: u16, duration_ms: f64 },
    Retry { endpoint: Endpoint, batch_id: &'a str, attempt: u32, code: Code, wait_ms: f64 },
    Pause { endpoint: Endpoint, batch_id: &'a str, pause_ms: f64 },
}
