//! Client for the results endpoints of Extracta.ai, compiled to WebAssembly.

#[doc(hidden)]
pub mod core;

mod client;
#[cfg(feature = "js")]
#[doc(hidden)]
pub mod js;
mod web;

pub use client::{
    Classification, Client, ClientBuilder, Counts, Error, File, LaneDecision, LaneReport, Link, LocalFuture, ManyPolls,
    Member, Poll, Progress, Results, Settled, SharedPacing, Status, TokenProvider, Watch, WatchHandle,
};

pub use crate::core::batch::{Batch, Endpoint};
pub use crate::core::error::Code;
pub use crate::core::events::{Event, Kind};
pub use crate::core::lane::Wait;
pub use crate::core::response::OnUnknownStatus;

#[cfg(all(feature = "npm", target_arch = "wasm32"))]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
