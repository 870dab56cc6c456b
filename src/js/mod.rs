//! The client as JavaScript sees it: `#[wasm_bindgen]` over [`Client`](crate::Client)'s own parts, and conversions. Declared for
//! people in `types.d.ts`.

mod arguments;
mod batch;
pub mod client;
pub mod error;
mod iterate;
pub mod many;
mod options;
mod pacing;
pub mod promise;
mod reader;
pub mod results;
mod token;
mod upload;
pub mod watch;

use wasm_bindgen::prelude::wasm_bindgen;

/// The declarations people read: written by hand, and the same in the npm package.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.d.ts");
