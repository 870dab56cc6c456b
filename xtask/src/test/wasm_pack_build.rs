//! A plain `wasm-pack build`, as a Rust developer would run it, in a copy of the repository.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::test::counts::Counts;
use crate::test::{Outcome, Stage};
use crate::{command, node, output, tools};

const CONSUMER: &str = include_str!("wasm_pack_build_consumer.ts");

pub(crate) fn run(stage: &Stage<'_>) -> Result<Outcome> {
    let project = stage.project;
    let scratch = project.empty_scratch("wasm-pack-build")?;
    let copy = scratch.join("repository");
    copy_repository(&project.root, &copy)?;

    let before = status(&copy)?;
    let mut build = Command::new(tools::wasm_pack()?);
    build.arg("build").current_dir(&copy);
    // Of its own: nothing else is built so, and that of the project is others' to lock.
    build.env("CARGO_TARGET_DIR", project.target.join("wasm-pack-build"));
    command::run(build.env("PATH", tools::path_starting_with(&tools::wasm_bindgen(project)?)?))?;
    let after = status(&copy)?;
    if before != after {
        output::say(format_args!("`wasm-pack build` changed the repository. Before:\n{before}\nAfter:\n{after}"));
    }

    fs::write(scratch.join("consumer.ts"), CONSUMER).context("cannot write the consumer of the built types")?;
    let mut compiler = node::tool(project, "typescript/bin/tsc");
    compiler.args(["--noEmit", "--strict", "--target", "es2022", "--module", "esnext"]);
    compiler.args(["--moduleResolution", "bundler", "consumer.ts"]).current_dir(&scratch);

    let mut counts = Counts::one(before == after);
    counts += Counts::one(command::succeeds(&mut compiler)?);
    Ok(Outcome::Ran(counts))
}

/// Copies what git has or would take, changes not yet committed included, into a repository of its own.
fn copy_repository(from: &Path, to: &Path) -> Result<()> {
    let mut list = git(from);
    list.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let files = command::output_of(&mut list).context("this suite needs a git checkout")?;
    for file in files.split('\0').filter(|file| from.join(file).is_file()) {
        let target = to.join(file);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        }
        fs::copy(from.join(file), &target).with_context(|| format!("cannot copy {file}"))?;
    }
    command::output_of(git(to).args(["init", "--quiet"]))?;
    command::output_of(git(to).args(["add", "--all"])).map(drop)
}

fn status(repository: &Path) -> Result<String> {
    command::output_of(git(repository).args(["status", "--porcelain", "--untracked-files=all"]))
}

/// Git in that folder, even when a hook of another repository started us.
fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder).env_remove("GIT_DIR").env_remove("GIT_INDEX_FILE").env_remove("GIT_WORK_TREE");
    git
}
