//! The crate as Cargo publishes it: its files, its documentation, and its builds without the face for JavaScript.

use std::process::Command;

use anyhow::Result;

use crate::test::counts::Counts;
use crate::test::{Outcome, Stage};
use crate::{command, docs, output};

/// What belongs into it besides the sources. Cargo adds the last three.
const FILES: [&str; 7] = [
    "Cargo.toml",
    "LICENSE",
    "pkg/crate/README.md",
    "src/js/types.d.ts",
    ".cargo_vcs_info.json",
    "Cargo.lock",
    "Cargo.toml.orig",
];

const WASM: &str = "--target=wasm32-unknown-unknown";

pub(crate) fn run(stage: &Stage<'_>) -> Result<Outcome> {
    let project = stage.project;
    let cargo = |args: &[&str]| {
        let mut cargo = Command::new("cargo");
        cargo.args(args).arg("--package=extracta-wasm").current_dir(&project.root);
        cargo
    };
    let mut counts = Counts::default();

    let listed = command::output_of(&mut cargo(&["package", "--list", "--allow-dirty"]))?;
    let (missing, surplus) = differences(&listed);
    if !missing.is_empty() || !surplus.is_empty() {
        output::say(format_args!("The crate lacks {missing:?}, and packs {surplus:?} besides its sources."));
    }
    counts += Counts::one(missing.is_empty() && surplus.is_empty());
    // Of its own, as target/package is the build folder of the npm package.
    let mut package = cargo(&["package", "--allow-dirty"]);
    counts += Counts::one(command::succeeds(package.arg("--target-dir").arg(project.target.join("crate")))?);

    // As docs.rs builds it.
    counts += Counts::one(command::succeeds(&mut docs::rustdoc(project))?);

    for target in [&[][..], &[WASM]] {
        let mut lint = cargo(&["clippy", "--no-default-features"]);
        counts += Counts::one(command::succeeds(lint.args(target).args(["--", "--deny=warnings"]))?);
    }
    Ok(Outcome::Ran(counts))
}

/// Which files are missing from a list of those packed, and which are too many.
pub(crate) fn differences(listed: &str) -> (Vec<&str>, Vec<&str>) {
    let listed: Vec<&str> = listed.lines().map(str::trim).filter(|file| !file.is_empty()).collect();
    let is_source = |file: &str| file.starts_with("src/") && file.ends_with(".rs");
    // Only a checkout of git has the first of Cargo's own.
    let needed = FILES.into_iter().filter(|file| *file != ".cargo_vcs_info.json").chain(["src/lib.rs"]);
    let missing = needed.filter(|file| !listed.contains(file)).collect();
    let surplus = listed.into_iter().filter(|file| !is_source(file) && !FILES.contains(file)).collect();
    (missing, surplus)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_files_than_those_of_the_crate_are_told() {
        let usual = [&FILES[..], &["src/lib.rs", "src/core/mod.rs"]].concat();
        assert_eq!(differences(&usual.join("\r\n")), (vec![], vec![]));
        let other = usual.join("\n").replace("LICENSE", "pkg/npm/src/index.js");
        assert_eq!(differences(&other), (vec!["LICENSE"], vec!["pkg/npm/src/index.js"]));
    }
}
