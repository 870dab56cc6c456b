//! Each target over a number of inputs that takes seconds; `cargo xtask fuzz` runs millions.

use fuzz::TARGETS;

/// The same each time, so that a failure is the last change's.
const SEED: u64 = 1;

const INPUTS: u64 = 10_000;

fn holds(name: &str) {
    let targets: Vec<_> = TARGETS.iter().filter(|target| target.name == name).collect();
    assert_eq!(targets.len(), 1, "targets of the name {name}");
    for target in targets {
        let failing = target.fuzz(INPUTS, SEED);
        let told = failing.map(|failing| format!("{}\n{}", failing.why, target.show(&failing.bytes)));
        assert!(told.is_none(), "{}", told.unwrap_or_default());
    }
}

#[test]
fn replies_are_read_as_the_contract_says() {
    holds("reply");
}

#[test]
fn refusals_are_told_in_words_that_may_be_shown() {
    holds("refusal");
}

#[test]
fn the_key_is_not_among_the_servers_words() {
    holds("server-message");
}

#[test]
fn no_header_asks_for_a_wait_that_is_none() {
    holds("retry-after");
}

#[test]
fn whatever_a_snapshot_says_the_floor_is_kept_and_the_poll_lives() {
    holds("snapshot");
}

#[test]
fn every_target_is_tested_here() {
    assert_eq!(TARGETS.len(), 5);
}
