//! `cargo xtask test`: the suites by name, beside each other where they can be, and one table of what came out.

pub(crate) mod bench;
pub(crate) mod busy;
mod consumer;
mod consumer_apps;
mod counts;
mod failures;
mod jobs;
mod page;
mod page_server;
pub(crate) mod preparation;
mod published;
pub(crate) mod published_crate;
mod report;
mod rust;
mod rust_users;
mod schedule;
mod soak;
mod stage;
mod suite;
mod tabs;
mod wasm;
mod wasm_pack_build;
mod worker;

use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::output;
use crate::project::Project;
use crate::test::busy::BusyProcesses;
use crate::test::counts::Counts;
use crate::test::jobs::Show;
use crate::test::report::Row;
use crate::test::suite::{QUICK, Suite};

pub(crate) use crate::test::soak::soak;
pub(crate) use crate::test::stage::Stage;

#[derive(Args)]
pub(crate) struct Options {
    /// Which suites; all by default
    #[arg(value_name = "SUITE")]
    suites: Vec<Suite>,
    /// What to run while working: format+lint, native, wasm-node and node-package
    #[arg(long, conflicts_with = "suites")]
    quick: bool,
    /// Runs the suites so many times in a row
    #[arg(long, value_name = "ROUNDS", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// Keeps all cores busy beside them
    #[arg(long)]
    busy: bool,
}

/// How a suite ended, unless it ended with an error.
pub(crate) enum Outcome {
    Ran(Counts),
    /// Something that the suite needs and that we do not install is missing: what, and what to do.
    NotRun(&'static str),
}

pub(crate) fn run(project: &Project, options: &Options) -> Result<ExitCode> {
    let suites = options.chosen();
    let stage = Stage::new(project);
    let _busy = BusyProcesses::start(if options.busy { cores() } else { 0 })?;
    let show = match (suites.as_slice(), options.repeat) {
        (_, 2..) => Show::Failures,
        ([_], _) => Show::AtOnce,
        _ => Show::Whole,
    };
    let started = Instant::now();
    let mut rows: Vec<Vec<Row>> = suites.iter().map(|_| Vec::new()).collect();
    let (mut made, mut failures) = (Vec::new(), Vec::new());
    for round in 1..=options.repeat {
        if options.repeat > 1 {
            output::announce(format_args!("\nRound {round} of {}", options.repeat));
        }
        // Where the tests of tests/consumers, faults and durable put their apps. They stay until the next run, for whoever
        // wants to look at one.
        project.empty_scratch("consumers/apps")?;
        let results = jobs::run(&stage, &suites, &mut made, show)?;
        failures.extend(results.failures);
        for ended in results.ended {
            let row = Row::new(ended.suite.name(), ended.outcome, ended.took, in_ci());
            if let Some(place) = suites.iter().position(|suite| *suite == ended.suite).and_then(|at| rows.get_mut(at)) {
                place.push(row);
            }
        }
    }
    drop(stage);
    let rows: Vec<_> = rows.into_iter().filter_map(Row::of_rounds).collect();
    let left_out = Suite::value_variants().iter().filter(|suite| options.quick && !suites.contains(suite));
    output::announce(format_args!("\nThe whole run took {:.0} s.", started.elapsed().as_secs_f64()));
    // Once more, where it is looked for first: what the suites print is thousands of lines long.
    failures.iter().for_each(|failure| output::announce(format_args!("\n{failure}")));
    report::print(&rows, &left_out.map(|suite| suite.name()).collect::<Vec<_>>());
    Ok(if rows.iter().any(Row::is_failure) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

impl Options {
    fn chosen(&self) -> Vec<Suite> {
        let named = if self.quick { QUICK } else { &self.suites };
        let named = if named.is_empty() { Suite::value_variants() } else { named };
        let mut suites = Vec::new();
        for suite in named {
            if !suites.contains(suite) {
                suites.push(*suite);
            }
        }
        suites
    }
}

/// How many programs this machine runs at once.
fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// On a build server a suite that cannot run is a failure: nobody is there to read that it did not.
fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
}
