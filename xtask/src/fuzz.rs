//! `cargo xtask fuzz`: any input to what reads other people's words, optimised, with every check of arithmetic on.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use crate::project::Project;
use crate::{command, tools};

#[derive(Args)]
pub(crate) struct Options {
    /// How many random inputs for each target
    #[arg(long, default_value_t = 1_000_000)]
    inputs: u64,
    /// What an earlier run printed, to repeat it; otherwise the inputs are new ones
    #[arg(long)]
    seed: Option<u64>,
    /// This target only
    #[arg(long)]
    target: Option<Target>,
    /// Let libFuzzer choose the inputs, by what code they reach, for so many seconds for each target; it needs nightly
    /// Rust and a C++ compiler, and tries inputs that failed before first
    #[arg(long, value_name = "SECONDS", conflicts_with_all = ["inputs", "seed"])]
    libfuzzer: Option<u64>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Target {
    Reply,
    Refusal,
    ServerMessage,
    RetryAfter,
    Snapshot,
}

impl Target {
    /// The test in `fuzz/tests/targets`.
    const fn test(self) -> &'static str {
        match self {
            Self::Reply => "target::reply",
            Self::Refusal => "target::refusal",
            Self::ServerMessage => "target::server_message",
            Self::RetryAfter => "target::retry_after",
            Self::Snapshot => "target::snapshot",
        }
    }
}

pub(crate) fn run(project: &Project, options: &Options) -> Result<ExitCode> {
    let targets = options.target.as_ref().map_or(Target::value_variants(), std::slice::from_ref);
    match options.libfuzzer {
        Some(seconds) => guided(project, targets, seconds),
        None => random(project, targets, options),
    }
}

fn random(project: &Project, targets: &[Target], options: &Options) -> Result<ExitCode> {
    let mut fuzz = Command::new("cargo");
    fuzz.args(["test", "--quiet", "--package=fuzz", "--profile=fuzz", "--", "--nocapture", "--exact"]);
    fuzz.args(targets.iter().map(|target| target.test())).current_dir(&project.root);
    fuzz.env("BOLERO_RANDOM_ITERATIONS", options.inputs.to_string());
    match options.seed {
        Some(seed) => fuzz.env("BOLERO_RANDOM_SEED", seed.to_string()),
        None => fuzz.env_remove("BOLERO_RANDOM_SEED"),
    };
    code_of(&mut fuzz)
}

fn guided(project: &Project, targets: &[Target], seconds: u64) -> Result<ExitCode> {
    let path = tools::path_starting_with(&tools::cargo_bolero()?)?;
    let mut worst = ExitCode::SUCCESS;
    for target in targets {
        let mut fuzz = Command::new("cargo");
        // Sanitizers look for faults of unsafe code, and here is none.
        fuzz.args(["bolero", "test", "--toolchain=nightly", "--package=fuzz", "--sanitizer=NONE"]);
        fuzz.arg(format!("-T{seconds}s")).arg(target.test()).env("PATH", &path).current_dir(&project.root);
        let code = code_of(&mut fuzz)?;
        if code != ExitCode::SUCCESS {
            println!("\n{} failed; to repeat it, run the same command: it starts with this input", target.test());
            worst = code;
        }
    }
    Ok(worst)
}

fn code_of(fuzz: &mut Command) -> Result<ExitCode> {
    let code = command::exit_code(fuzz)?.context("the fuzzer was ended by a signal")?;
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}
