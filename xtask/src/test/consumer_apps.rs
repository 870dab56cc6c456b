//! The packed tarball in apps that run in other runtimes or are built by bundlers, which tests/consumers/package.json brings.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::test::counts::{self, Counts};
use crate::test::{Outcome, Stage, consumer};
use crate::{browsers, command, node};

/// Runs tests/consumers/*.test.mjs. One without its browser or runtime says so, and on a build server fails.
pub(crate) fn run(stage: &mut Stage<'_>) -> Result<Outcome> {
    let source = stage.project.root.join("tests/consumers");
    // Kept from run to run: what is installed there is large.
    let folder = stage.project.target.join("xtask/consumers");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    install_tools(&source, &folder)?;
    let tarball = consumer::pack(stage, &folder)?;
    // Where each test puts its app. They stay until the next run, for whoever wants to look at one.
    stage.project.empty_scratch("consumers/apps")?;

    let mut tests = node::test_files(&source)?;
    stage.give_standins(tests.current_dir(&folder))?;
    tests.env("EXTRACTA_CONSUMERS", &folder).env("EXTRACTA_TARBALL", tarball);
    for (variable, browser) in [("CHROMIUM", browsers::chromium()), ("FIREFOX", browsers::firefox())] {
        if let Ok(program) = browser {
            tests.env(variable, program);
        }
    }
    Ok(Outcome::Ran(Counts::of(&mut tests, counts::from_node)?))
}

/// Installs what the lock file names, unless that is there already.
fn install_tools(source: &Path, folder: &Path) -> Result<()> {
    node::check()?;
    let changed = |file: &&str| fs::read(source.join(file)).ok() != fs::read(folder.join(file)).ok();
    // npm writes this file last.
    let complete = folder.join("node_modules/.package-lock.json");
    let files = [".npmrc", "package.json", "package-lock.json"];
    if complete.exists() && !files.iter().any(changed) {
        return Ok(());
    }
    println!(
        "The runtimes and bundlers of tests/consumers/package.json are missing or old: installing them, some minutes."
    );
    if complete.exists() {
        fs::remove_file(&complete).with_context(|| format!("cannot remove {}", complete.display()))?;
    }
    for file in files {
        fs::copy(source.join(file), folder.join(file))
            .with_context(|| format!("cannot copy tests/consumers/{file}"))?;
    }
    // Not `npm ci`: that wants the programs of all platforms in the lock file, and not every registry has them all.
    let mut install = node::npm();
    install.args(["install", "--no-save"]).current_dir(folder);
    command::run(&mut install).context("npm could not install what consumers use")
}
