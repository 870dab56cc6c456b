//! The stand-in as its clients meet it: real HTTP over loopback.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at the first surprise")]

mod floor_and_log;
mod program;
mod replies;
mod support;
mod uploads;
mod wire;
