//! The packed tarball as consumers meet it: installed into a project of their own, compiled against, run.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::test::counts::{self, Counts};
use crate::test::{Outcome, Stage};
use crate::{command, folder, node};

/// Compiles tests/types and the examples of the README and of docs/uploads.md; each TypeScript file is one test.
pub(crate) fn types(stage: &Stage<'_>) -> Result<Outcome> {
    let app = install_tarball(stage, "types")?;
    // What people copy must compile.
    let mut snippets = node::run(&stage.project.root.join("xtask/snippets.mjs"));
    command::run(snippets.arg(stage.project.root.join("README.md")).arg(&app))?;
    let mut faulty = Vec::new();
    // The second project knows only the language, not what a platform adds to it. The last are for old compilers.
    let compilers = [("typescript", "."), ("typescript", "bare"), ("typescript-5.0", "old"), ("typescript-5.1", "old")];
    for (version, project) in compilers {
        let mut compiler = node::tool(stage.project, &format!("{version}/bin/tsc"));
        compiler.args(["--pretty", "false", "--project", project]).current_dir(&app);
        let known = faulty.len();
        let compiled = command::succeeds_telling(&mut compiler, |line| {
            if let Some(file) = file_with_error(line).filter(|file| !faulty.iter().any(|known| known == file)) {
                faulty.push(file.to_owned());
            }
        })?;
        ensure!(compiled || faulty.len() > known, "{version} refused the project {project}; its own message is above");
    }
    let sources = source_files(&app)?;
    let failed = u32::try_from(faulty.len())?;
    Ok(Outcome::Ran(Counts { passed: sources.saturating_sub(failed), failed, ignored: 0 }))
}

/// Runs tests/node-package against the stand-ins.
pub(crate) fn node_package(stage: &Stage<'_>) -> Result<Outcome> {
    let app = install_tarball(stage, "node-package")?;
    run_in(stage, &app, &app)
}

/// Runs tests/node-package/crowds, in an app of its own, as both suites may run at the same time.
pub(crate) fn crowds(stage: &Stage<'_>) -> Result<Outcome> {
    let app = install_tarball_for(stage, "node-package", "crowds")?;
    run_in(stage, &app, &app.join("crowds"))
}

fn run_in(stage: &Stage<'_>, app: &Path, tests: &Path) -> Result<Outcome> {
    let mut tests = node::test_files_in_pairs(tests)?;
    stage.give_standins(tests.current_dir(app))?;
    Ok(Outcome::Ran(Counts::of(&mut tests, counts::from_node)?))
}

/// Copies tests/NAME to a new folder and installs there what `npm publish` would send.
pub(super) fn install_tarball(stage: &Stage<'_>, name: &str) -> Result<PathBuf> {
    install_tarball_for(stage, name, name)
}

/// The same in a folder with another name.
fn install_tarball_for(stage: &Stage<'_>, name: &str, app: &str) -> Result<PathBuf> {
    let source = stage.project.root.join("tests").join(name);
    ensure!(source.is_dir(), "there is no folder tests/{name}");

    let app = stage.project.empty_scratch(app)?;
    folder::copy(&source, &app)?;
    let manifest = app.join("package.json");
    if !manifest.exists() {
        fs::write(&manifest, "{ \"private\": true }\n")
            .with_context(|| format!("cannot write {}", manifest.display()))?;
    }
    let mut install = node::npm();
    install.args(["install", "--offline", "--no-save", "--no-package-lock", "--no-audit", "--no-fund"]);
    install.arg(stage.tarball());
    command::run(install.current_dir(&app))?;
    Ok(app)
}

/// Writes what `npm publish` would send into a folder of its own. The package must be built.
pub(super) fn pack(stage: &Stage<'_>) -> Result<()> {
    let mut pack = node::npm();
    pack.args(["pack", "--pack-destination"]).arg(stage.project.empty_scratch("tarball")?);
    command::run(pack.current_dir(stage.project.npm_package()))
}

/// The file that a line such as `poll.ts(3,5): error TS2322: …` complains about.
fn file_with_error(line: &str) -> Option<&str> {
    let (place, _) = line.split_once("): error TS")?;
    Some(place.rsplit_once('(')?.0)
}

fn source_files(folder: &Path) -> Result<u32> {
    let mut count = 0;
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == "node_modules" {
        } else if entry.file_type()?.is_dir() {
            count += source_files(&entry.path())?;
        } else if is_source(&name) {
            count += 1;
        }
    }
    Ok(count)
}

fn is_source(name: &str) -> bool {
    [".ts", ".mts", ".cts", ".tsx"].iter().any(|end| name.ends_with(end)) && !name.contains(".d.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_file_of_a_compiler_error() {
        assert_eq!(file_with_error("a/poll(2).ts(3,5): error TS2322: Type '(1)' is not …"), Some("a/poll(2).ts"));
        assert_eq!(file_with_error("  The expected type comes from poll.ts(3,5)"), None);
        assert_eq!(file_with_error("error TS18003: No inputs were found"), None);
    }

    #[test]
    fn counts_fixtures_but_not_declarations() {
        let names = ["poll.ts", "require.cts", "import.mts", "globals.d.ts", "tsconfig.json"];
        assert_eq!(names.map(is_source), [true, true, true, false, false]);
    }
}
