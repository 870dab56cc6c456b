//! `cargo xtask fuzz`: runs the targets over random inputs and says which of them fail.

// Pairs have two.
#![allow(clippy::indexing_slicing)]

use std::process::ExitCode;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use clap::Parser;
use fuzz::{TARGETS, Target};

/// As `cargo xtask fuzz --help` says.
#[derive(Parser)]
struct Arguments {
    #[arg(long, default_value_t = 1_000_000)]
    inputs: u64,
    #[arg(long)]
    seed: Option<u64>,
    #[arg(long)]
    target: Option<String>,
    #[arg(long, requires = "target")]
    input: Option<String>,
}

fn main() -> ExitCode {
    run().unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run() -> Result<ExitCode> {
    let Arguments { inputs, seed, target, input } = Arguments::parse();
    let targets: Vec<_> =
        TARGETS.into_iter().filter(|one| target.as_ref().is_none_or(|name| name == one.name)).collect();
    let Some(first) = targets.first() else {
        bail!("there is no such target; there are: {}", TARGETS.map(|target| target.name).join(", "))
    };
    let held = match input {
        Some(input) => repeat(first, &bytes_of(&input)?),
        None => {
            let seed = match seed {
                Some(seed) => seed,
                None => SystemTime::now().duration_since(UNIX_EPOCH)?.subsec_nanos().into(),
            };
            fuzz(&targets, inputs, seed)
        }
    };
    Ok(if held { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether everything holds for all inputs.
fn fuzz(targets: &[Target], inputs: u64, seed: u64) -> bool {
    println!("Seed {seed}; to repeat: cargo xtask fuzz --inputs {inputs} --seed {seed}\n");
    println!("{:<16} {:>12} {:>9}", "target", "inputs", "seconds");
    let (begun, mut total, mut failed) = (Instant::now(), 0, Vec::new());
    for target in targets {
        let started = Instant::now();
        let failing = target.fuzz(inputs, seed);
        let run = failing.as_ref().map_or(inputs, |failing| failing.nth);
        let verdict = if failing.is_some() { "  FAILED" } else { "" };
        println!("{:<16} {run:>12} {:>9.1}{verdict}", target.name, started.elapsed().as_secs_f64());
        total += run;
        failed.extend(failing.map(|failing| (target, failing)));
    }
    println!("{:<16} {total:>12} {:>9.1}", "all", begun.elapsed().as_secs_f64());
    for (target, failing) in &failed {
        println!("\n{} fails: {}\n{}", target.name, failing.why, target.show(&failing.bytes));
        let hex: String = failing.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        println!("To repeat this smallest input: cargo xtask fuzz --target {} --input '{hex}'", target.name);
    }
    failed.is_empty()
}

/// Whether everything holds for this input.
fn repeat(target: &Target, bytes: &[u8]) -> bool {
    println!("{}", target.show(bytes));
    let failure = target.failure(bytes);
    println!("{}", failure.as_deref().unwrap_or("Everything holds."));
    failure.is_none()
}

fn bytes_of(hex: &str) -> Result<Vec<u8>> {
    let digits: Option<Vec<u8>> = hex.chars().map(|digit| digit.to_digit(16).map(|digit| digit as u8)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0).context("an input is pairs of hexadecimal digits")?;
    Ok(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}
