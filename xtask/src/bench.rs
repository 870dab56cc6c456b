//! `cargo xtask bench`: the package measured beside what else one would use.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, anyhow};
use clap::ValueEnum;

use crate::project::Project;
use crate::server::ANY_PORT;
use crate::test::bench::Harness;
use crate::test::preparation::Preparation;
use crate::test::{Stage, preparation};
use crate::{browsers, command, node, standin};

#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub(crate) enum Measurement {
    /// Bytes to download
    Size,
    /// Import, instantiate and first call, in Node, Chromium and workerd
    Start,
    /// One call for 1, 100 and 10 000 files, in Node, Chromium and workerd
    Call,
    /// What a live poll holds
    Memory,
    /// How far apart requests arrive, also when the main thread stands still
    Spacing,
    /// From done on the server to the promise resolved
    Delay,
    /// Delay of notifications under our order of polls and others; the order's cost; the floor over a million requests
    Scheduling,
    /// Many visitors of one account, through the proxy and past it, which writes docs/proxy-measured.md
    Visitors,
}

/// How much is measured.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Length {
    /// All there is.
    Full,
    /// What a whole run has time for.
    Usual,
    /// Enough to see that it works.
    Short,
}

/// One measurement, for the terminal; or all of them, which writes the README's section and the plots as well.
pub(crate) fn run(project: &Project, what: Option<Measurement>) -> Result<()> {
    match what {
        None => scheduling(project, Length::Usual)?,
        Some(Measurement::Scheduling) => return scheduling(project, Length::Full),
        Some(Measurement::Visitors) => return visitors(project),
        Some(_) => {}
    }
    let stage = Stage::new(project);
    preparation::make_all(&stage, Harness::NEEDS)?;
    project.empty_scratch("consumers/apps")?;
    let harness = Harness::new(&stage)?.map_err(|why| anyhow!(why))?;
    let mut script = Command::new(&harness.node);
    script.arg(project.root.join("benches/bench.mjs")).current_dir(&project.root);
    if let Some(name) = what.and_then(|what| what.to_possible_value()) {
        script.arg(name.get_name());
    }
    harness.give_to(&mut script);
    command::run(&mut script)
}

/// Lets pages and programs visit the account through both proxies, at the API's own rule.
fn visitors(project: &Project) -> Result<()> {
    let stage = Stage::new(project);
    preparation::make_all(&stage, &[Preparation::Package, Preparation::Standin])?;
    let mut standin = standin::start(project, ANY_PORT, standin::API)?;
    standin.ignore_log();
    let mut script = node::run(&project.root.join("benches/visitors/measure.mjs"));
    script.env("CHROMIUM", browsers::chromium().map_err(|why| anyhow!(why))?);
    command::run(script.env("EXTRACTA_STANDIN_URL", &standin.url).current_dir(&project.root))
}

/// Where the figures of the order of polls are.
pub(crate) fn scheduling_figures(project: &Project) -> PathBuf {
    project.target.join("xtask/scheduling.json")
}

/// Measures the order of polls over virtual time.
pub(crate) fn scheduling(project: &Project, length: Length) -> Result<()> {
    let mut bench = Command::new("cargo");
    bench.args(["bench", "--quiet", "--package=simulation", "--bench=scheduling"]).current_dir(&project.root);
    match length {
        Length::Full => bench.arg("--"),
        Length::Usual => bench.args(["--", "--up-to", "200"]),
        // What the tests were compiled with will do.
        Length::Short => bench.args(["--profile=dev", "--", "--short", "--up-to", "50"]),
    };
    command::run(bench.arg("--json").arg(scheduling_figures(project)))
}
