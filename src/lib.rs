//! Client for the two results endpoints of [Extracta.ai](https://extracta.ai): polls a batch of documents until every file is
//! finished, without breaking the API's rule of 2 seconds between requests. It runs wherever WebAssembly and `fetch` do: in
//! browsers (Leptos, Yew), Cloudflare Workers (workers-rs), Node, Deno and Bun.
//!
//! ```toml
//! extracta-wasm = { version = "0.1", default-features = false }
//! ```
//!
//! The default feature `js` is the face for JavaScript, which the npm package of the same name is made from.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use extracta_wasm::{Batch, Client, Error};
//! use serde::Deserialize;
//!
//! /// The fields of your extraction template.
//! #[derive(Deserialize)]
//! struct Invoice {
//!     total: String,
//! }
//!
//! async fn totals() -> Result<Vec<String>, Error> {
//!     // A web page should never hold the API key: this is a proxy of yours that adds it.
//!     let client = Client::builder().base_url("/api/extracta").build()?;
//!     let batch = Batch::extraction("-OExampleExtraction", "example");
//!     let results = client.poll_until_done::<Invoice>(batch).timeout(Duration::from_secs(600)).await?;
//!     Ok(results.files.into_iter().filter_map(|file| file.result).map(|invoice| invoice.total).collect())
//! }
//! # let _ = totals;
//! ```
//!
//! - **Dropping cancels.** A dropped future or stream aborts its request, clears its timer and gives its slot back.
//! - **One lane.** All clients of a page, Worker isolate or process that use the same token for the same endpoint share one
//!   queue: one request at a time, the next no earlier than 2 seconds after the last one started and was answered.
//!   [`SharedPacing`] shares it further.
//! - **Results are yours to type**: any `DeserializeOwned`, `serde_json::Value` included. A file that failed is data, not an error.
//! - **Futures and streams are `Send`** on wasm32, where there is one thread, so frameworks that require it accept them. They must
//!   stay on that thread.
//! - **On a server the crate compiles**, and every call fails with [`Code::Unsupported`], because there is no `fetch`. Code that
//!   renders on a server may therefore create a client.

// What only the face for JavaScript calls is left over without it.
#![cfg_attr(not(feature = "js"), allow(dead_code))]

#[doc(hidden)]
pub mod core;

mod client;
#[cfg(feature = "js")]
#[doc(hidden)]
pub mod js;
mod web;

pub use client::{
    Classification, Client, ClientBuilder, Counts, Error, Extract, ExtractProgress, File, Job, LaneDecision,
    LaneReport, Link, LocalFuture, ManyPolls, Member, Poll, Progress, Results, Settled, SharedPacing, Status,
    TokenProvider, Upload, UploadFile, UploadProgress, Uploaded, Watch, WatchHandle,
};

pub use crate::core::batch::{Batch, Endpoint};
pub use crate::core::error::Code;
pub use crate::core::events::{Event, Kind as EventKind};
pub use crate::core::lane::Wait;
pub use crate::core::response::OnUnknownStatus;
pub use crate::core::upload::Target;

/// The examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../pkg/crate/README.md")]
struct ReadmeExamples;

#[cfg(all(feature = "npm", target_arch = "wasm32"))]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
