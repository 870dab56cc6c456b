//! The demo: the page in www/ over the built package, or one poll from Node, both against the stand-in.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::project::Project;
use crate::standin::{self, Standin};
use crate::{command, node, package};

const USUAL_PORT: u16 = 8787;
const ANY_PORT: u16 = 0;

/// Serves the page until Ctrl-C.
pub(crate) fn serve(project: &Project) -> Result<()> {
    package::build(project)?;
    let mut standin = Standin::start(project, USUAL_PORT, standin::DEMO)?;
    println!("\nThe demo talks to a stand-in on this machine, not to Extracta.ai. Ctrl-C stops it. Open");
    println!("\n    {}/\n", standin.url);
    standin.show_log();
    bail!("the stand-in ended by itself")
}

/// Polls one batch from Node and ends with the exit code of the script that did.
pub(crate) fn poll_once(project: &Project) -> Result<ExitCode> {
    package::build(project)?;
    let mut standin = Standin::start(project, ANY_PORT, standin::DEMO)?;
    standin.ignore_log();
    let mut script = node::run(&project.root.join("www/once.mjs"));
    script.arg(format!("{}/api/v1", standin.url)).arg(project.npm_package().join("dist/index.js"));
    let code = command::exit_code(&mut script)?.context("www/once.mjs was ended by a signal")?;
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}
