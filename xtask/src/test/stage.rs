//! What suites share: the project, its package, and the stand-ins that all tests may talk to.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result};

use crate::project::Project;
use crate::server::Server;
use crate::standin;

/// Which stand-ins tests may talk to, each with the variable that says its address. The wasm tests have the addresses
/// compiled in: usual ports save compiling again.
const STANDINS: [(&str, u16, &[&str]); 2] =
    [("EXTRACTA_STANDIN_URL", 8788, standin::API), ("EXTRACTA_STANDIN_FAST_URL", 8789, standin::FAST_API)];

pub(crate) struct Stage<'a> {
    pub(crate) project: &'a Project,
    standins: OnceLock<Vec<(&'static str, Server)>>,
}

impl<'a> Stage<'a> {
    pub(crate) fn new(project: &'a Project) -> Stage<'a> {
        Stage { project, standins: OnceLock::new() }
    }

    /// Where `Preparation::Tarball` puts what `npm publish` would send.
    pub(crate) fn tarball(&self) -> PathBuf {
        self.project.scratch("tarball").join(format!("extracta-wasm-{}.tgz", self.project.version))
    }

    /// Starts the stand-ins, for as long as this lives.
    pub(crate) fn start_standins(&self) -> Result<()> {
        let mut standins = Vec::new();
        for (variable, port, options) in STANDINS {
            let mut standin = standin::start(self.project, port, options)?;
            standin.ignore_log();
            standins.push((variable, standin));
        }
        // Had they been started before, these are dropped, and with that stopped.
        let _ = self.standins.set(standins);
        Ok(())
    }

    /// Tells the tests where the stand-ins listen: `http://127.0.0.1:PORT`, without a slash at the end.
    pub(crate) fn give_standins<'c>(&self, tests: &'c mut Command) -> Result<&'c mut Command> {
        let standins =
            self.standins.get().context("the stand-ins were not started: a suite must say that it needs them")?;
        Ok(tests.envs(standins.iter().map(|(variable, standin)| (variable, &standin.url))))
    }
}
