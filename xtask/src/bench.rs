//! `cargo xtask bench`: measurements, optimised for speed as nothing else here is.

use std::process::Command;

use anyhow::Result;
use clap::ValueEnum;

use crate::command;
use crate::project::Project;

#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub(crate) enum Measurement {
    /// Delay of notifications under our order of polls and others; the order's cost; the floor over a million requests
    Scheduling,
}

pub(crate) fn run(project: &Project, what: Measurement) -> Result<()> {
    let bench = match what {
        Measurement::Scheduling => ["--package=simulation", "--bench=scheduling"],
    };
    command::run(Command::new("cargo").args(["bench", "--quiet"]).args(bench).current_dir(&project.root))
}
