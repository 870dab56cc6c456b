//! `/_standin/…`: what the stand-in saw, for tests to judge by. Not rate limited, and no part of the real API.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Query, State},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{scripts, standin::Standin};

/// Which token's traffic is meant; all of it when absent.
#[derive(Deserialize)]
struct Whose {
    token: Option<String>,
}

/// Whose outage, and how long: a count of requests, as nothing here goes by time.
#[derive(Deserialize)]
struct Outage {
    token: String,
    requests: u32,
}

type Shared = State<Arc<Standin>>;

pub(crate) fn routes() -> Router<Arc<Standin>> {
    Router::new()
        .route("/_standin", get(about))
        .route("/_standin/log", get(log))
        .route("/_standin/gaps", get(gaps))
        .route("/_standin/uploads", get(uploads))
        .route("/_standin/reset", post(reset))
        .route("/_standin/outage", post(outage))
}

async fn about() -> Json<Value> {
    let batches = scripts::TABLE.iter().map(|script| (script.name.to_owned(), json!(script.about)));
    Json(json!({
        "standin": "This is a stand-in for tests and the demo, not the Extracta.ai service.",
        "batches": batches.collect::<serde_json::Map<_, _>>(),
    }))
}

async fn log(State(standin): Shared, Query(whose): Query<Whose>) -> Json<Value> {
    // Only the entries are copied under the lock; turning them into JSON must not hold arrivals up.
    let entries = standin.look(whose.token.as_deref(), |log, token| log.of(token).cloned().collect::<Vec<_>>());
    Json(json!(entries))
}

async fn gaps(State(standin): Shared, Query(whose): Query<Whose>) -> Json<Value> {
    Json(json!(standin.look(whose.token.as_deref(), |log, token| log.gaps(token))))
}

async fn uploads(State(standin): Shared, Query(whose): Query<Whose>) -> Json<Value> {
    Json(json!(standin.uploads(whose.token.as_deref())))
}

async fn reset(State(standin): Shared, Query(whose): Query<Whose>) -> Json<Value> {
    standin.reset(whose.token.as_deref());
    Json(json!({ "reset": if whose.token.is_some() { "one token" } else { "everything" } }))
}

async fn outage(State(standin): Shared, Query(outage): Query<Outage>) -> Json<Value> {
    standin.fail_next(&outage.token, outage.requests);
    Json(json!({ "outage": outage.requests }))
}
