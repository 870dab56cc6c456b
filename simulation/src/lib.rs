//! Many polls against a scripted server over virtual time.
//!
//! [`world`] runs the core's polls and lanes as the JS shell does: each waiter owns its timer, shares nothing but the lane,
//! and may be late, stalled, aborted, or gone without a word. [`script`] says what the server and the runtime do to them,
//! [`trace`] what came of it, as the server saw it. [`visits`] is a proxy with many visitors in its place. Nothing here is part of the shipped package.

// Places in lists that it made itself; a wrong one is a mistake to stop at.
#![allow(clippy::indexing_slicing)]

pub mod any;
pub mod random;
pub mod script;
pub mod trace;
pub mod visits;
pub mod waiter;
pub mod world;

pub use script::{Answer, Leaves, Restart, Scenario, Script, Stall};
pub use trace::{End, Request, Trace};
pub use world::run;
