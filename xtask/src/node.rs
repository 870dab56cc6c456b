//! Node, npm, and the JavaScript tools of xtask/package.json.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};

use crate::project::Project;
use crate::{command, output};

const OLDEST: (u32, u32) = (20, 19);

const ONE_AT_A_TIME: &[&str] = &["--test-concurrency=1"];

/// Makes the tools of xtask/package.json ready.
pub(crate) fn install_tools(project: &Project) -> Result<()> {
    install_packages(project, "xtask")
}

/// Installs what the package.json of a folder names, when it is missing or older than the lock file.
pub(crate) fn install_packages(project: &Project, folder: &str) -> Result<()> {
    check()?;
    let name = folder;
    let folder = project.root.join(name);
    let changed = |file: &str| -> Option<SystemTime> { fs::metadata(folder.join(file)).ok()?.modified().ok() };
    if changed("node_modules/.package-lock.json") >= changed("package-lock.json") {
        return Ok(());
    }
    output::announce(format_args!(
        "The packages of {name}/package.json are missing or old: installing them, about a minute."
    ));
    command::run(npm().arg("ci").current_dir(&folder))
        .with_context(|| format!("{name}/node_modules could not be installed with npm"))
}

/// A script that an npm package of xtask/package.json brings, by its path in node_modules.
pub(crate) fn tool(project: &Project, script: &str) -> Command {
    run(&project.root.join("xtask/node_modules").join(script))
}

/// A script run by Node.
pub(crate) fn run(script: &Path) -> Command {
    let mut command = Command::new("node");
    command.arg(script);
    command
}

/// Node's test runner over the test files of a folder, made to print the summary that we read.
pub(crate) fn test_files(folder: &Path) -> Result<Command> {
    tests_of(Path::new("node"), folder, &[])
}

/// The same, two files at a time on small machines too, where Node takes them in turn: for tests that mostly compute.
pub(crate) fn test_files_in_pairs(folder: &Path) -> Result<Command> {
    let usual = thread::available_parallelism().map_or(1, usize::from).saturating_sub(1);
    tests_of(Path::new("node"), folder, &[&format!("--test-concurrency={}", usual.max(2))])
}

/// The same, all files at once: they wait for the clock and for browsers, and share nothing.
pub(crate) fn test_files_at_once(folder: &Path) -> Result<Command> {
    tests_of(Path::new("node"), folder, &["--test-concurrency=8"])
}

/// The same by a Node that is not the one on PATH, one file after the other.
pub(crate) fn test_files_by(program: &Path, folder: &Path) -> Result<Command> {
    tests_of(program, folder, ONE_AT_A_TIME)
}

/// The same, one file after the other: they share something that only one may use at a time.
pub(crate) fn test_files_in_turn(folder: &Path) -> Result<Command> {
    test_files_by(Path::new("node"), folder)
}

fn tests_of(program: &Path, folder: &Path, options: &[&str]) -> Result<Command> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let file = entry?.path();
        if [".test.mjs", ".test.cjs"].iter().any(|end| file.to_string_lossy().ends_with(end)) {
            files.push(file);
        }
    }
    // Without a file, Node would search the current folder for tests.
    ensure!(!files.is_empty(), "{} holds no .test.mjs file", folder.display());
    files.sort();
    let mut command = Command::new(program);
    command.args(["--test", "--test-reporter=spec"]).args(options).args(files);
    Ok(command)
}

pub(crate) fn npm() -> Command {
    Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// Whether Node is there and new enough.
pub(crate) fn check() -> Result<()> {
    let (major, minor) = OLDEST;
    let needed = || format!("Node {major}.{minor} or newer is needed, with npm: see https://nodejs.org");
    let found = version().with_context(needed)?;
    ensure!(found >= OLDEST, "{}; this one is {}.{}", needed(), found.0, found.1);
    Ok(())
}

/// Major and minor of the Node on PATH.
pub(crate) fn version() -> Result<(u32, u32)> {
    let shown = command::output_of(Command::new("node").arg("--version"))?;
    let mut numbers = shown.trim().trim_start_matches('v').split('.').map_while(|part| part.parse().ok());
    numbers.next().zip(numbers.next()).with_context(|| format!("node --version says {}", shown.trim()))
}
