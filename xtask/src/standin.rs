//! The stand-in for the API, built and started.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::command;
use crate::project::Project;
use crate::server::{self, Server};

/// The API alone, with its real 2-second rule.
pub(crate) const API: &[&str] = &[];
/// The API with a rule of 50 ms, for tests that are not about the 2 seconds.
pub(crate) const FAST_API: &[&str] = &["--floor-ms", "50"];
/// The API without a rule and with a connection for each request, for tests of faults on the wire: browsers repeat a request
/// by themselves on a connection that they kept open and find reset, and a rule would answer 429 to that.
pub(crate) const FAULTY_API: &[&str] = &["--floor-ms", "0", "--close-connections"];
/// The API with a connection for each request: a browser repeats an upload, too, on a connection that it kept open.
pub(crate) const CLOSING_API: &[&str] = &["--close-connections"];
/// The API with a rule of 20 ms, for many requests in little time.
pub(crate) const SOAKED_API: &[&str] = &["--floor-ms", "20"];
/// The API with half the rule that several processes keep together: after the end of one of them no more can be promised.
pub(crate) const SHARED_API: &[&str] = &["--floor-ms", "500"];
/// The API without a rule: it judges nothing and logs arrivals.
pub(crate) const LOGGING_API: &[&str] = &["--floor-ms", "0"];
/// The API, the demo page and the package that it imports.
pub(crate) const DEMO: &[&str] = &["--serve", "www=/", "--serve", "pkg/npm/dist=/pkg"];
/// A rule that three tabs and a worker keep often in little time.
pub(crate) const TABS_FLOOR_MS: &str = "600";
/// The API with that rule, the page for tests of tabs and the package that it imports.
pub(crate) const TABS: &[&str] =
    &["--floor-ms", TABS_FLOOR_MS, "--serve", "tests/tabs/app=/", "--serve", "pkg/npm/dist=/pkg"];

/// Builds it. The program is put aside: Cargo replaces its own whenever tests are compiled, also in the moment when a suite
/// starts it.
pub(crate) fn build(project: &Project) -> Result<()> {
    command::run(Command::new("cargo").args(["build", "--package=standin"]).current_dir(&project.root))?;
    let program = program(project);
    let folder = project.empty_scratch("standin")?;
    let built = project.target.join("debug").join(name());
    fs::hard_link(&built, &program).with_context(|| format!("cannot put {} into {}", built.display(), folder.display()))
}

/// Starts it on the port given, or on a free one if that is taken. It must be built.
pub(crate) fn start(project: &Project, port: u16, options: &[&str]) -> Result<Server> {
    let mut standin = Command::new(program(project));
    standin.arg("--port").arg(server::free_port(port).to_string()).args(options).current_dir(&project.root);
    Server::start(standin.stdin(Stdio::null()), "standin listening on ")
}

fn program(project: &Project) -> PathBuf {
    project.scratch("standin").join(name())
}

fn name() -> String {
    format!("standin{}", std::env::consts::EXE_SUFFIX)
}
