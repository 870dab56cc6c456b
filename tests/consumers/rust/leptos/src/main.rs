//! A page that polls a batch while it is looked at. Its address ends in #TOKEN/BATCH.

use extracta_wasm::{Batch, Client};
use futures_util::StreamExt;
use leptos::prelude::*;
use leptos::task::spawn_local_scoped_with_cancellation;
use serde_json::Value;

fn main() {
    mount_to_body(|| {
        let (is_open, open) = signal(true);
        view! {
            <button on:click=move |_| open.set(false)>"Close"</button>
            <Show when=move || is_open.get()><BatchProgress/></Show>
        }
    });
}

#[component]
fn BatchProgress() -> impl IntoView {
    let address = location_hash().unwrap_or_default();
    let (token, batch_id) = address.split_once('/').unwrap_or_default();
    let (lines, show) = signal(Vec::new());
    let client = Client::builder().base_url("/api/v1").token(token).build().expect("these options are valid");
    let mut watch = client.watch::<Value>(Batch::extraction("-OTemplate", batch_id));
    spawn_local_scoped_with_cancellation(async move {
        while let Some(progress) = watch.next().await {
            let line = match progress {
                Ok(progress) => {
                    format!("poll {}: {} of {}", progress.attempt, progress.counts.processed, progress.counts.total)
                }
                Err(error) => error.to_string(),
            };
            show.update(|lines| lines.push(line));
        }
        show.update(|lines| lines.push("finished".into()));
    });
    view! { <output>{move || lines.get().join("; ")}</output> }
}
