//! `cargo xtask test`: the suites by name, run in order, and one table of what came out.

pub(crate) mod bench;
mod consumer;
mod consumer_apps;
mod counts;
mod page;
mod page_server;
mod report;
mod rust;
mod soak;
mod tabs;
mod wasm;
mod wasm_pack_build;
mod worker;

use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::Result;
use clap::ValueEnum;

use crate::project::Project;
use crate::server::Server;
use crate::test::counts::Counts;
use crate::test::report::Row;
use crate::{package, standin};

pub(crate) use crate::test::soak::soak;

#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub(crate) enum Suite {
    /// Formatting and lints, natively and for wasm
    #[value(name = "format+lint")]
    FormatAndLint,
    /// Tests that need no wasm, those of the stand-in and of xtask among them
    Native,
    /// Tests of the compiled client in Node
    WasmNode,
    /// Tests of the compiled client in Chromium
    WasmChrome,
    /// Tests of the compiled client in Firefox
    WasmFirefox,
    /// A plain `wasm-pack build` works and leaves the repository as it was
    WasmPackBuild,
    /// The package's types, as a consumer's compiler sees them
    Types,
    /// The packed tarball in a Node project
    NodePackage,
    /// The packed tarball in small apps, one for each runtime and bundler
    Consumers,
    /// Every fault, in Node, Chromium, Firefox and workerd
    Faults,
    /// Polls in Durable Objects and Workflows, the process killed in the middle
    Durable,
    /// The demo's own scripts
    Www,
    /// The demo page in Chromium
    Page,
    /// Tabs and workers of one origin on one lane, in Chromium
    Tabs,
    /// The Worker of www/worker in workerd, and its page in Chromium
    Worker,
    /// Every benchmark in short, and that the README and the plots are of the last whole run
    Bench,
}

/// How a suite ended, unless it ended with an error.
pub(crate) enum Outcome {
    Ran(Counts),
    /// Something that the suite needs and that we do not install is missing: what, and what to do.
    NotRun(&'static str),
}

/// What suites share, made when the first of them needs it.
pub(crate) struct Stage<'a> {
    project: &'a Project,
    package_built: bool,
    /// The stand-ins, each with the environment variable that tells tests its address.
    standins: Vec<(&'static str, Server)>,
}

/// Which stand-ins tests may talk to. The wasm tests have the addresses compiled in: usual ports save compiling again.
const STANDINS: [(&str, u16, &[&str]); 2] =
    [("EXTRACTA_STANDIN_URL", 8788, standin::API), ("EXTRACTA_STANDIN_FAST_URL", 8789, standin::FAST_API)];

impl<'a> Stage<'a> {
    pub(crate) fn new(project: &'a Project) -> Stage<'a> {
        Stage { project, package_built: false, standins: Vec::new() }
    }

    fn build_package(&mut self) -> Result<()> {
        if !self.package_built {
            package::build(self.project)?;
            self.package_built = true;
        }
        Ok(())
    }

    /// Starts the stand-ins and tells the tests where they listen: `http://127.0.0.1:PORT`, without a slash at the end.
    fn give_standins(&mut self, tests: &mut Command) -> Result<()> {
        if self.standins.is_empty() {
            for (variable, port, options) in STANDINS {
                let mut standin = standin::start(self.project, port, options)?;
                standin.ignore_log();
                self.standins.push((variable, standin));
            }
        }
        tests.envs(self.standins.iter().map(|(variable, standin)| (variable, &standin.url)));
        Ok(())
    }
}

pub(crate) fn run(project: &Project, chosen: &[Suite]) -> Result<ExitCode> {
    let suites = if chosen.is_empty() { Suite::value_variants() } else { chosen };
    let mut stage = Stage::new(project);
    let mut rows = Vec::new();
    for suite in suites {
        let name = suite.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        println!("\n=== {name}");
        let started = Instant::now();
        let outcome = suite.run(&mut stage);
        if let Err(error) = &outcome {
            eprintln!("error: {error:#}");
        }
        rows.push(Row::new(name, outcome, started.elapsed(), in_ci()));
    }
    drop(stage);
    report::print(&rows);
    Ok(if rows.iter().any(Row::is_failure) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

impl Suite {
    fn run(self, stage: &mut Stage<'_>) -> Result<Outcome> {
        match self {
            Suite::FormatAndLint => rust::format_and_lint(stage),
            Suite::Native => rust::native(stage),
            Suite::WasmNode => wasm::in_node(stage),
            Suite::WasmChrome => wasm::in_chrome(stage),
            Suite::WasmFirefox => wasm::in_firefox(stage),
            Suite::WasmPackBuild => wasm_pack_build::run(stage),
            Suite::Types => consumer::types(stage),
            Suite::NodePackage => consumer::node_package(stage),
            Suite::Consumers => consumer_apps::consumers(stage),
            Suite::Faults => consumer_apps::faults(stage),
            Suite::Durable => consumer_apps::durable(stage),
            Suite::Www => page::scripts(stage),
            Suite::Page => page::in_chromium(stage),
            Suite::Tabs => tabs::run(stage),
            Suite::Worker => worker::run(stage),
            Suite::Bench => bench::run(stage),
        }
    }
}

/// On a build server a suite that cannot run is a failure: nobody is there to read that it did not.
fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
}
