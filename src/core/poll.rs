//! One batch polled until it is finished: the state machine, and its state set down and taken up again.

pub mod machine;
pub mod saved;

pub use machine::{Effect, Event, Plan, Poll, Wish};
pub use saved::Saved;
