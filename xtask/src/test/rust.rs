//! Suites that cargo runs by itself: formatting, lints, native tests.

use std::process::Command;

use anyhow::Result;

use crate::test::counts::{self, Counts};
use crate::test::{Outcome, Stage};
use crate::{command, tools};

pub(crate) fn format_and_lint(stage: &Stage<'_>) -> Result<Outcome> {
    tools::wasm_target()?;
    let checks: [&[&str]; 3] = [
        &["fmt", "--all", "--check"],
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
    let mut tests = Command::new("cargo");
    tests.args(["test", "--workspace", "--no-fail-fast"]).current_dir(&stage.project.root);
    Ok(Outcome::Ran(Counts::of(&mut tests, counts::from_rust)?))
}
