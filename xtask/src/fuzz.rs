//! `cargo xtask fuzz`: any input to what reads other people's words, optimised, with every check of arithmetic on.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use clap::Args;

use crate::command;
use crate::project::Project;

#[derive(Args)]
pub(crate) struct Options {
    /// How many for each target
    #[arg(long, default_value_t = 1_000_000)]
    inputs: u64,
    /// What an earlier run printed, to repeat it
    #[arg(long)]
    seed: Option<u64>,
    /// This target only
    #[arg(long)]
    target: Option<String>,
    /// The one input that an earlier run printed
    #[arg(long, requires = "target")]
    input: Option<String>,
}

pub(crate) fn run(project: &Project, options: &Options) -> Result<ExitCode> {
    let mut fuzz = Command::new("cargo");
    fuzz.args(["run", "--quiet", "--package=fuzz", "--profile=fuzz", "--"]).current_dir(&project.root);
    fuzz.arg(format!("--inputs={}", options.inputs));
    fuzz.args(options.seed.map(|seed| format!("--seed={seed}")));
    fuzz.args(options.target.as_ref().map(|target| format!("--target={target}")));
    fuzz.args(options.input.as_ref().map(|input| format!("--input={input}")));
    let code = command::exit_code(&mut fuzz)?.context("the fuzzer was ended by a signal")?;
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}
