//! Tests of the compiled client through its JavaScript face: one program, for Node and for browsers. Without the stand-ins,
//! whose addresses are compiled in, the tests that need them are ignored.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::indexing_slicing, reason = "tests may stop at the first surprise")]

mod abort;
mod close;
mod options;
mod polling;
mod replies;
mod rust;
mod spacing;
mod support;
mod token;
mod upload;
mod watch;
