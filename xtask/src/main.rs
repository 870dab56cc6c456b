//! The project's own commands: `cargo xtask build`, `demo`, `test`, `fuzz`, `soak` and `bench`.

mod bench;
mod browsers;
mod command;
mod demo;
mod folder;
mod fuzz;
#[cfg(test)]
mod imports;
mod node;
mod output;
mod package;
mod project;
mod runtimes;
mod server;
mod standin;
mod test;
mod tools;
mod worker;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::bench::Measurement;
use crate::project::Project;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, shows, tests and measures this project.")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Builds the npm package into pkg/npm/dist and prints its sizes
    Build,
    /// Serves the demo page over the package, with a stand-in for the API, until Ctrl-C
    Demo {
        /// Polls two batches from Node instead, or uploads FILES and prints their fields, and exits
        #[arg(long)]
        once: bool,
        /// Documents to upload
        #[arg(requires = "once")]
        files: Vec<PathBuf>,
        /// Serves the page by the Worker of www/worker, which adds an API key to what it asks the stand-in
        #[arg(long, conflicts_with = "once")]
        worker: bool,
    },
    /// Runs the test suites, all of them or those named
    Test(test::Options),
    /// Tries random replies, refusals, headers and snapshots on the core, and fails where a promise of it does not hold
    Fuzz(fuzz::Options),
    /// Measures the package beside others, and writes what the README says of it; or prints one measurement
    Bench {
        /// Which one
        what: Option<Measurement>,
    },
    /// Polls hundreds of batches beset with random faults for a while, and fails if one is lost or the floor is broken
    Soak {
        /// About how long
        #[arg(long, default_value_t = 120)]
        seconds: u32,
        /// What an earlier run printed, to repeat it
        #[arg(long)]
        seed: Option<u32>,
        /// Durable polls in workerd instead, with receivers that die, wrong keys, clocks that are set, and kills
        #[arg(long)]
        worker: bool,
    },
    /// Keeps one core busy until standard input ends: `test --busy` starts it
    #[command(name = test::busy::TASK, hide = true)]
    KeepBusy,
}

fn main() -> ExitCode {
    let done =
        server::stop_all_on_signal().and_then(|()| Project::find()).and_then(|project| match Arguments::parse().task {
            Task::Build => package::build(&project).map(|()| ExitCode::SUCCESS),
            Task::Demo { once: true, files, .. } => demo::run_once(&project, &files),
            Task::Demo { worker: true, .. } => demo::serve_by_worker(&project).map(|()| ExitCode::SUCCESS),
            Task::Demo { .. } => demo::serve(&project).map(|()| ExitCode::SUCCESS),
            Task::Test(options) => test::run(&project, &options),
            Task::Fuzz(options) => fuzz::run(&project, &options),
            Task::Bench { what } => bench::run(&project, what).map(|()| ExitCode::SUCCESS),
            Task::KeepBusy => {
                test::busy::keep_busy();
                Ok(ExitCode::SUCCESS)
            }
            Task::Soak { seconds, seed, worker } => test::soak(&project, seconds, seed, worker),
        });
    done.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
