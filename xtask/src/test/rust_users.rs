//! Apps of Rust users: those of tests/consumers/rust, which has a Cargo workspace and a lock file of its own.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::project::Project;
use crate::runtimes::Runtimes;
use crate::server::ANY_PORT;
use crate::test::consumer_apps::test_files;
use crate::test::counts::{self, Counts};
use crate::test::{Outcome, Stage};
use crate::{command, folder, standin, tools};

const WORKSPACE: &str = "tests/consumers/rust";
/// The apps by their folders, each with the name of its `.wasm`.
const APPS: [(&str, &str); 2] = [("leptos", "leptos-app"), ("workers", "workers_app")];

/// Compiles the apps, as their users would but for the tools that call the same programs, and puts beside each what its folder
/// holds for its runtime.
pub(super) fn build(project: &Project) -> Result<()> {
    let target = project.target.join("rust-users");
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--locked", "--target=wasm32-unknown-unknown", "--target-dir"]).arg(&target);
    command::run(cargo.current_dir(project.root.join(WORKSPACE)))?;
    let bindgen = tools::wasm_bindgen(project)?.join("wasm-bindgen");
    project.empty_scratch("rust-users")?;
    for (app, wasm) in APPS {
        let built = built(project, app);
        folder::copy(&project.root.join(WORKSPACE).join(app), &built)?;
        let mut glue = Command::new(&bindgen);
        glue.args(["--target=web", "--no-typescript", "--out-dir"]).arg(&built);
        command::run(glue.arg(target.join("wasm32-unknown-unknown/debug").join(format!("{wasm}.wasm"))))?;
    }
    Ok(())
}

/// Runs the apps: in Chromium, served by the stand-in they poll, and in workerd.
pub(crate) fn run(stage: &Stage<'_>) -> Result<Outcome> {
    if let Err(why) = Runtimes::install(stage.project)?.new_node() {
        return Ok(Outcome::NotRun(why));
    }
    let mut standin = standin::start(
        stage.project,
        ANY_PORT,
        &["--serve", &format!("{}=/", built(stage.project, "leptos").display())],
    )?;
    standin.ignore_log();
    let mut tests = test_files(stage, "consumers/rust")?;
    tests.env("EXTRACTA_STANDIN_URL", &standin.url).env("EXTRACTA_WORKERS_APP", built(stage.project, "workers"));
    Ok(Outcome::Ran(Counts::of(&mut tests, counts::from_node)?))
}

/// Where an app is, as its runtime takes it.
fn built(project: &Project, app: &str) -> PathBuf {
    project.scratch("rust-users").join(app)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_takes_less_than_40_lines() {
        let folder = Project::find().unwrap().root.join(WORKSPACE);
        for source in ["leptos/src/main.rs", "workers/src/lib.rs"] {
            let lines = std::fs::read_to_string(folder.join(source)).unwrap().lines().count();
            assert!(lines < 40, "{source} has {lines}");
        }
    }
}
