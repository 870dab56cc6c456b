//! Client for the results endpoints of Extracta.ai, compiled to WebAssembly.
//!
//! The core is plain Rust without a clock, without I/O and without JS types: [`job`] is what is asked, [`reply`] what an
//! answer means, [`poll`] one batch polled until finished, [`lane`] the 2-second rule and whose turn it is, [`retry`] how
//! long to stay away, [`error`] what can go wrong. The shell, [`js`], gives the core fetch, timers and JS values.

pub mod error;
pub mod fields;
pub mod job;
pub mod js;
pub mod lane;
pub mod observed;
pub mod poll;
pub mod reply;
pub mod retry;
pub mod snapshot;

#[cfg(all(feature = "npm", target_arch = "wasm32"))]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
