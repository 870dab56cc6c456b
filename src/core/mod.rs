//! The core: plain Rust without a clock, without I/O and without JavaScript's types. It builds and is tested on the host.
//!
//! [`batch`] is what is asked, [`response`] what an answer means, [`poll`] one batch polled until it is finished, [`lane`]
//! the 2-second rule and whose turn it is, [`held`] what a proxy that holds requests is asked, [`retry`] how long to stay away,
//! [`error`] what can go wrong, [`snapshot`] a poll set down for another process, [`upload`] where files go and [`arrival`] whether
//! they came, [`events`] what an observer receives, [`address`] and [`nearest`] how places and names may be spelled,
//! [`fingerprint`] a number that stands for a text.

pub mod address;
pub mod arrival;
pub mod batch;
pub mod error;
pub mod events;
pub mod fields;
pub mod fingerprint;
pub mod held;
pub mod lane;
pub mod nearest;
pub mod observed;
pub mod poll;
pub mod response;
pub mod retry;
pub mod snapshot;
pub mod timeout;
pub mod upload;
