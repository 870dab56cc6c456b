//! The packed tarball in apps that run in other runtimes or are built by bundlers, which tests/consumers/package.json brings.

use anyhow::Result;

use crate::runtimes::Runtimes;
use crate::test::counts::{self, Counts};
use crate::test::{Outcome, Stage, consumer};
use crate::{browsers, node};

/// Runs tests/consumers/*.test.mjs. One without its browser or runtime says so, and on a build server fails.
pub(crate) fn run(stage: &mut Stage<'_>) -> Result<Outcome> {
    let Runtimes { folder } = Runtimes::install(stage.project)?;
    let tarball = consumer::pack(stage, &folder)?;
    // Where each test puts its app. They stay until the next run, for whoever wants to look at one.
    stage.project.empty_scratch("consumers/apps")?;

    let mut tests = node::test_files(&stage.project.root.join("tests/consumers"))?;
    stage.give_standins(tests.current_dir(&folder))?;
    tests.env("EXTRACTA_CONSUMERS", &folder).env("EXTRACTA_TARBALL", tarball);
    for (variable, browser) in [("CHROMIUM", browsers::chromium()), ("FIREFOX", browsers::firefox())] {
        if let Ok(program) = browser {
            tests.env(variable, program);
        }
    }
    Ok(Outcome::Ran(Counts::of(&mut tests, counts::from_node)?))
}
