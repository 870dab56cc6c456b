//! What is run, and what must hold of it.

mod header;
mod refusal;
mod reply;
mod snapshot;
mod words;

use crate::engine::Target;

/// All of them.
pub const TARGETS: [Target; 5] = [
    Target::of::<reply::Replies>(),
    Target::of::<refusal::Refusals>(),
    Target::of::<words::Words>(),
    Target::of::<header::RetryAfters>(),
    Target::of::<snapshot::Snapshots>(),
];
