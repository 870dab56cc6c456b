//! A Worker that answers with the finished results of the batch that its path names.

use extracta_wasm::{Batch, Client};
use serde_json::Value;
use worker::{Context, Env, Error, Request, Response, Result, event};

#[event(fetch, respond_with_errors)]
async fn fetch(request: Request, env: Env, _: Context) -> Result<Response> {
    let client = Client::builder()
        .base_url(env.var("EXTRACTA_URL")?.to_string())
        .token(env.var("EXTRACTA_API_KEY")?.to_string())
        .build()
        .map_err(reported)?;
    let path = request.path();
    let batch = Batch::extraction("-OTemplate", path.trim_start_matches('/'));
    let results = client.poll_until_done::<Value>(batch).await.map_err(reported)?;
    Response::from_json(&results)
}

fn reported(error: extracta_wasm::Error) -> Error {
    Error::RustError(error.to_string())
}
