//! A plain `wasm-pack build`, as a Rust developer would run it, in a copy of the repository; and what wasm-bindgen makes of the
//! same wasm for each of its targets.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::test::consumer_apps::test_files;
use crate::test::counts::{self, Counts};
use crate::test::{Outcome, Stage};
use crate::{command, node, output, tools};

/// All that wasm-bindgen knows, but for those that need an unstable compiler. Files of some are ES modules by what package.json says.
const TARGETS: [(&str, &str); 5] =
    [("web", "module"), ("bundler", "module"), ("deno", "module"), ("nodejs", "commonjs"), ("no-modules", "commonjs")];

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
    let target = project.target.join("wasm-pack-build");
    build.env("CARGO_TARGET_DIR", &target);
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
    counts += for_each_target(stage, &target.join("wasm32-unknown-unknown/release/extracta_wasm.wasm"))?;
    Ok(Outcome::Ran(counts))
}

/// Has wasm-bindgen make a package for each of its targets, and runs tests/targets, which uses them.
fn for_each_target(stage: &Stage<'_>, wasm: &Path) -> Result<Counts> {
    let project = stage.project;
    let built = project.empty_scratch("targets")?;
    let bindgen = tools::wasm_bindgen(project)?.join("wasm-bindgen");
    for (target, kind) in TARGETS {
        let folder = built.join(target);
        let mut glue = Command::new(&bindgen);
        glue.args(["--target", target, "--no-typescript", "--out-dir"]).arg(&folder);
        command::run(glue.arg(wasm))?;
        let package = folder.join("package.json");
        fs::write(&package, format!("{{ \"type\": \"{kind}\" }}\n"))
            .with_context(|| format!("cannot write {}", package.display()))?;
    }
    let mut tests = test_files(stage, "targets")?;
    Counts::of(tests.env("EXTRACTA_TARGETS", built), counts::from_node)
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
