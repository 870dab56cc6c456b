//! Any input to all of the core that reads what others send: replies, refusals, headers, snapshots.
//!
//! The inputs come from [bolero](https://camshaft.github.io/bolero): its generators make them of bytes, its shrinker makes
//! a failing one small. The bytes are random, the same for the same seed; `cargo xtask fuzz --libfuzzer` lets libFuzzer
//! choose them instead, which learns from what code they reach. JSON is made and changed as values, not as text: parsing
//! is the platform's business, and random text would mostly be none.

#![allow(clippy::indexing_slicing, clippy::panic, reason = "tests may stop at the first surprise")]

mod corpus;
mod header;
mod json;
mod pick;
mod refusal;
mod reply;
mod seeded;
mod snapshot;
mod text;
mod words;

/// What `cargo xtask fuzz` runs, by these names.
mod target {
    use std::time::Duration;

    use super::*;

    /// For the smallest input that fails; most are found in a fraction of it.
    const SHRINK_TIME: Duration = Duration::from_secs(10);

    /// Runs a property over any input, whichever engine brings the bytes.
    macro_rules! holds {
        ($name:literal, $inputs:expr, $property:path) => {{
            let target = bolero::check!();
            #[cfg(not(fuzzing))]
            let target = seeded::in_place_of(target, $name);
            target.with_generator($inputs).with_shrink_time(SHRINK_TIME).for_each($property);
        }};
    }

    /// Replies are read as the contract says.
    #[test]
    fn reply() {
        holds!("reply", reply::Replies, reply::holds);
    }

    /// Refusals are reported in words that may be shown.
    #[test]
    fn refusal() {
        holds!("refusal", refusal::Refusals, refusal::holds);
    }

    /// The key is not among the server's words.
    #[test]
    fn server_message() {
        holds!("server-message", words::Speeches, words::holds);
    }

    /// No header leads to a wait below zero, above a day, or of no number.
    #[test]
    fn retry_after() {
        holds!("retry-after", header::RetryAfters, header::holds);
    }

    /// Whatever a snapshot says, the floor is kept and the poll lives.
    #[test]
    fn snapshot() {
        holds!("snapshot", snapshot::Snapshots, snapshot::holds);
    }
}
