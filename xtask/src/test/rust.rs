//! Suites that cargo runs by itself: formatting, lints, native tests.

use std::process::Command;

use anyhow::Result;

use crate::command;
use crate::project::Project;
use crate::test::counts::{self, Counts};
use crate::test::{Outcome, Stage};

/// Where proptest and bolero find the seed of their inputs. The same each time unless the caller says otherwise, so that
/// a run that passes passes again; a plain `cargo test` draws new inputs.
const SEEDS: [&str; 2] = ["PROPTEST_RNG_SEED", "BOLERO_RANDOM_SEED"];

pub(crate) fn format_and_lint(stage: &Stage<'_>) -> Result<Outcome> {
    let checks: [&[&str]; 4] = [
        &["fmt", "--all", "--check"],
        &["fmt", "--all", "--check", "--manifest-path=tests/consumers/rust/Cargo.toml"],
        &["clippy", "--workspace", "--all-targets", "--", "--deny=warnings"],
        &[
            "clippy",
            "--package=extracta-wasm",
            "--all-targets",
            "--target=wasm32-unknown-unknown",
            "--",
            "--deny=warnings",
        ],
    ];
    let mut counts = Counts::default();
    for check in checks {
        let passed = command::succeeds(Command::new("cargo").args(check).current_dir(&stage.project.root))?;
        counts += Counts::one(passed);
    }
    Ok(Outcome::Ran(counts))
}

pub(crate) fn native(stage: &Stage<'_>) -> Result<Outcome> {
    Ok(Outcome::Ran(Counts::of(&mut native_tests(stage.project, &["--no-fail-fast"]), counts::from_rust)?))
}

pub(super) fn native_tests(project: &Project, options: &[&str]) -> Command {
    let mut tests = Command::new("cargo");
    tests.args(["test", "--workspace"]).args(options).current_dir(&project.root);
    for seed in SEEDS {
        if std::env::var_os(seed).is_none() {
            tests.env(seed, "1");
        }
    }
    tests
}
