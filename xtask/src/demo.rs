//! The demo: the page in www/ over the built package, or one run from Node, both against the stand-in.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::project::Project;
use crate::server::{ANY_PORT, Server};
use crate::worker::{self, Page, Secrets};
use crate::{command, node, package, standin};

const USUAL_PORT: u16 = 8787;

/// Any will do: the stand-in behind the Worker accepts it.
const MADE_UP: Secrets<'_> = Secrets { api_key: "demo-key", webhook: None };

/// Serves the page until Ctrl-C.
pub(crate) fn serve(project: &Project) -> Result<()> {
    package::build(project)?;
    standin::build(project)?;
    let standin = standin::start(project, USUAL_PORT, standin::DEMO)?;
    show(standin, "The demo talks to a stand-in on this machine, not to Extracta.ai.")
}

/// Serves the page by the Worker of www/worker, through which it talks to the stand-in.
pub(crate) fn serve_by_worker(project: &Project) -> Result<()> {
    package::build(project)?;
    standin::build(project)?;
    let mut standin = standin::start(project, ANY_PORT, standin::API)?;
    standin.ignore_log();
    let worker = worker::start(project, USUAL_PORT, Page::Demo, &standin, &MADE_UP)?;
    show(worker, "The demo talks through a Worker to a stand-in, both on this machine, not to Extracta.ai.")
}

fn show(mut server: Server, what: &str) -> Result<()> {
    println!("\n{what} Ctrl-C stops it. Open");
    println!("\n    {}/\n", server.url);
    server.show_log();
    bail!("the server of the page ended by itself")
}

/// Polls one batch of each kind from Node, or uploads files, and ends with the exit code of the script that did.
pub(crate) fn run_once(project: &Project, files: &[PathBuf]) -> Result<ExitCode> {
    package::build(project)?;
    standin::build(project)?;
    let mut standin = standin::start(project, ANY_PORT, standin::DEMO)?;
    standin.ignore_log();
    let mut script = node::run(&project.root.join("www/once.mjs"));
    script.arg(format!("{}/api/v1", standin.url)).arg(project.npm_package().join("dist/index.js"));
    script.args(files);
    let code = command::exit_code(&mut script)?.context("www/once.mjs was ended by a signal")?;
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}
