//! The shell: what the core needs of the platform, and what JavaScript sees of the core.
//!
//! Data flows one way: [`client`] turns arguments into a job and a plan and begins a `run`, `drive` does what its state machine
//! says, `turn` waits for the lane, `request` fetches, `results` makes the reply certain and hands the same object back.

mod arguments;
mod call;
pub mod client;
mod clock;
mod config;
mod drive;
mod error;
mod json;
mod lanes;
mod member;
mod pacing;
mod pending;
mod presence;
mod report;
mod request;
mod results;
mod run;
mod session;
mod turn;
pub mod watch;

use wasm_bindgen::prelude::wasm_bindgen;

/// The declarations people read: written by hand, and the same in the npm package.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.d.ts");
