//! The benchmarks of `benches`: what they need, and a short run that shows whether they work.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::bench::Length;
use crate::runtimes::Runtimes;
use crate::server::{ANY_PORT, Server};
use crate::test::counts::{self, Counts};
use crate::test::preparation::Preparation;
use crate::test::{Outcome, Stage};
use crate::{bench, browsers, node, standin};

/// All that the scripts of `benches` need.
pub(crate) struct Harness {
    /// The Node that everything is measured in.
    pub(crate) node: PathBuf,
    variables: Vec<(&'static str, OsString)>,
    /// Runs for as long as it is needed.
    _standin: Server,
}

impl Harness {
    /// What it needs; then `new` will do.
    pub(crate) const NEEDS: &[Preparation] =
        &[Preparation::Tarball, Preparation::Runtimes, Preparation::BenchPackages, Preparation::Standin];

    /// All of it; or what is missing.
    pub(crate) fn new(stage: &Stage<'_>) -> Result<Result<Harness, &'static str>> {
        let project = stage.project;
        let runtimes = Runtimes::install(project)?;
        let (node, chromium) = match (runtimes.node_24(), browsers::chromium()) {
            (Ok(node), Ok(chromium)) => (node, chromium),
            (Err(why), _) | (_, Err(why)) => return Ok(Err(why)),
        };
        let mut standin = standin::start(project, ANY_PORT, standin::LOGGING_API)?;
        standin.ignore_log();
        let variables = vec![
            ("CHROMIUM", chromium.into()),
            ("EXTRACTA_BUILT", project.target.join("xtask/package").into()),
            ("EXTRACTA_CONSUMERS", runtimes.folder.into()),
            ("EXTRACTA_SCHEDULING", bench::scheduling_figures(project).into()),
            ("EXTRACTA_STANDIN_URL", standin.url.clone().into()),
            ("EXTRACTA_TARBALL", stage.tarball().into()),
        ];
        Ok(Ok(Harness { node, variables, _standin: standin }))
    }

    /// Tells a script all of it.
    pub(crate) fn give_to(&self, script: &mut Command) {
        script.envs(self.variables.iter().map(|(name, value)| (name, value)));
    }
}

/// Runs benches/*.test.mjs.
pub(crate) fn run(stage: &Stage<'_>) -> Result<Outcome> {
    bench::scheduling(stage.project, Length::Short)?;
    let harness = match Harness::new(stage)? {
        Ok(harness) => harness,
        Err(why) => return Ok(Outcome::NotRun(why)),
    };
    let mut tests = node::test_files_by(&harness.node, &stage.project.root.join("benches"))?;
    harness.give_to(tests.current_dir(&stage.project.root));
    Ok(Outcome::Ran(Counts::of(&mut tests, counts::from_node)?))
}
