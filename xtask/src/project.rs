//! Where the project is and which versions it uses, read from Cargo so that no number is written twice.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::command;

const CRATE: &str = "extracta-wasm";

pub(crate) struct Project {
    pub(crate) root: PathBuf,
    /// Cargo's target directory, wherever the user put it.
    pub(crate) target: PathBuf,
    /// The version of the crate.
    pub(crate) version: String,
    /// The wasm-bindgen of Cargo.lock; its command-line tool must be the same to the patch.
    pub(crate) wasm_bindgen: String,
}

impl Project {
    pub(crate) fn find() -> Result<Project> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has no parent folder")?.to_path_buf();
        let mut cargo = Command::new("cargo");
        let metadata = command::output_of(cargo.args(["metadata", "--format-version=1"]).current_dir(&root))?;
        let metadata: Value = serde_json::from_str(&metadata).context("cargo metadata did not print JSON")?;
        Ok(Project {
            target: text(&metadata, "target_directory")?.into(),
            version: version_of(&metadata, CRATE)?,
            wasm_bindgen: version_of(&metadata, "wasm-bindgen")?,
            root,
        })
    }

    /// The folder that is published to npm.
    pub(crate) fn npm_package(&self) -> PathBuf {
        self.root.join("pkg/npm")
    }

    /// Where a command keeps temporary files under that name.
    pub(crate) fn scratch(&self, name: &str) -> PathBuf {
        self.target.join("xtask").join(name)
    }

    /// The same, emptied.
    pub(crate) fn empty_scratch(&self, name: &str) -> Result<PathBuf> {
        let folder = self.scratch(name);
        if folder.exists() {
            std::fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
        }
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(folder)
    }
}

/// The version of a package of the workspace or its lock file, which must have one of that name only.
fn version_of(metadata: &Value, name: &str) -> Result<String> {
    let packages = metadata.get("packages").and_then(Value::as_array).into_iter().flatten();
    let mut named = packages.filter(|package| package.get("name").is_some_and(|found| found == name));
    let package = named.next().with_context(|| format!("cargo metadata lists no {name}"))?;
    ensure!(named.next().is_none(), "Cargo.lock has several versions of {name}: see `cargo tree --invert {name}`");
    Ok(text(package, "version")?.to_owned())
}

fn text<'a>(object: &'a Value, member: &str) -> Result<&'a str> {
    object.get(member).and_then(Value::as_str).with_context(|| format!("cargo metadata has no text in {member}"))
}
