//! Any input to all of the core that reads what others send: replies, refusals, headers, snapshots.
//!
//! An input is a string of bytes, and `arbitrary` makes of it what a target wants. Of the two engines that work on stable
//! Rust this one is a single crate without dependencies, where `bolero` is some forty; random bytes and making a failing
//! input small are a page of code. And as libFuzzer brings bytes as well, each target runs under it as it is.
//!
//! JSON is made and changed as values, not as text: parsing is the platform's business, and text of ours would mostly be none.

// As in tests: what does not hold stops, and places are in lists made here.
#![allow(clippy::indexing_slicing)]

mod corpus;
mod engine;
mod json;
mod pick;
mod shrink;
mod targets;
mod text;

pub use engine::{Failing, Target};
pub use targets::TARGETS;
