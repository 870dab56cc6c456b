//! The packed tarball in apps that run in other runtimes or are built by bundlers, which tests/consumers/package.json brings.

use std::process::Command;

use anyhow::{Error, Result};

use crate::runtimes::Runtimes;
use crate::server::ANY_PORT;
use crate::test::counts::{self, Counts};
use crate::test::{Outcome, Stage};
use crate::{browsers, node, standin};

/// Runs tests/consumers/*.test.mjs. One without its browser or runtime says so, and on a build server fails.
pub(crate) fn consumers(stage: &Stage<'_>) -> Result<Outcome> {
    let mut tests = test_files(stage, "consumers")?;
    stage.give_standins(&mut tests)?;
    let mut closing = standin::start(stage.project, ANY_PORT, standin::CLOSING_API)?;
    closing.ignore_log();
    tests.env("EXTRACTA_STANDIN_CLOSING_URL", &closing.url);
    Ok(Outcome::Ran(Counts::of(&mut tests, counts::from_node)?))
}

/// Runs tests/faults/*.test.mjs, which play every fault in the runtimes that tests/consumers brings.
pub(crate) fn faults(stage: &Stage<'_>) -> Result<Outcome> {
    let mut tests = test_files(stage, "faults")?;
    let mut standin = standin::start(stage.project, ANY_PORT, standin::FAULTY_API)?;
    standin.ignore_log();
    tests.env("EXTRACTA_STANDIN_URL", &standin.url);
    Ok(Outcome::Ran(Counts::of(&mut tests, counts::from_node)?))
}

/// Runs tests/durable/*.test.mjs: workerd, several isolates, and storage that outlives the process.
pub(crate) fn durable(stage: &Stage<'_>) -> Result<Outcome> {
    if let Err(why) = Runtimes::install(stage.project)?.new_node() {
        return Ok(Outcome::NotRun(why));
    }
    let mut tests = test_files(stage, "durable")?;
    let mut standin = standin::start(stage.project, ANY_PORT, standin::SOAKED_API)?;
    standin.ignore_log();
    tests.env("EXTRACTA_STANDIN_URL", &standin.url);
    Ok(Outcome::Ran(Counts::of(&mut tests, counts::from_node)?))
}

/// Runs tests/redis/*.test.mjs: several processes, and a Redis server that is killed in the middle.
pub(crate) fn redis(stage: &Stage<'_>) -> Result<Outcome> {
    let Some(server) = browsers::find("REDIS_SERVER", &["redis-server", "valkey-server"]) else {
        return Ok(Outcome::NotRun("no Redis found: install redis-server, or set REDIS_SERVER to its path"));
    };
    let mut tests = test_files(stage, "redis")?;
    let mut standin = standin::start(stage.project, ANY_PORT, standin::SHARED_API)?;
    standin.ignore_log();
    tests.env("EXTRACTA_STANDIN_URL", &standin.url).env("REDIS_SERVER", server);
    Ok(Outcome::Ran(Counts::of(&mut tests, counts::from_node)?))
}

/// Runs tests/docs/*.test.mjs, which run the code of README.md and docs.
pub(crate) fn docs(stage: &Stage<'_>) -> Result<Outcome> {
    let mut tests = test_files(stage, "docs")?;
    tests.env("EXTRACTA_DOCS", stage.project.empty_scratch("docs")?);
    stage.give_standins(&mut tests)?;
    Ok(Outcome::Ran(Counts::of(&mut tests, counts::from_node)?))
}

/// The script of tests/durable that goes on for as long as one likes.
pub(super) fn durable_soak(stage: &Stage<'_>) -> Result<Command> {
    Runtimes::install(stage.project)?.new_node().map_err(Error::msg)?;
    let script = node::run(&stage.project.root.join("tests/durable/soak.mjs"));
    with_apps(stage, script)
}

/// Node's test runner over tests/NAME/*.test.mjs, with all at hand that their apps need.
pub(super) fn test_files(stage: &Stage<'_>, name: &str) -> Result<Command> {
    let tests = node::test_files(&stage.project.root.join("tests").join(name))?;
    with_apps(stage, tests)
}

fn with_apps(stage: &Stage<'_>, mut command: Command) -> Result<Command> {
    let Runtimes { folder } = Runtimes::install(stage.project)?;
    command.current_dir(&folder).env("EXTRACTA_CONSUMERS", &folder).env("EXTRACTA_TARBALL", stage.tarball());
    for (variable, browser) in [("CHROMIUM", browsers::chromium()), ("FIREFOX", browsers::firefox())] {
        if let Ok(program) = browser {
            command.env(variable, program);
        }
    }
    Ok(command)
}
