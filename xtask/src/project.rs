//! Where the project is and which versions it pins, read from Cargo so that no number is written twice.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::command;

const CRATE: &str = "extracta-wasm";

pub(crate) struct Project {
    pub(crate) root: PathBuf,
    /// Cargo's target directory, wherever the user put it.
    pub(crate) target: PathBuf,
    /// The version of the crate.
    pub(crate) version: String,
    /// The wasm-bindgen that the crate pins; its command-line tool must be the same to the patch.
    pub(crate) wasm_bindgen: String,
}

impl Project {
    pub(crate) fn find() -> Result<Project> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has no parent folder")?.to_path_buf();
        let metadata = command::output_of(
            Command::new("cargo").args(["metadata", "--no-deps", "--format-version=1"]).current_dir(&root),
        )?;
        let metadata: Value = serde_json::from_str(&metadata).context("cargo metadata did not print JSON")?;
        let package = named(&metadata, "packages", CRATE)?;
        let pinned = text(named(package, "dependencies", "wasm-bindgen")?, "req")?;
        let wasm_bindgen = pinned
            .strip_prefix('=')
            .with_context(|| format!("Cargo.toml asks for wasm-bindgen {pinned}: pin it, as in \"=0.2.130\""))?;
        Ok(Project {
            target: text(&metadata, "target_directory")?.into(),
            version: text(package, "version")?.to_owned(),
            wasm_bindgen: wasm_bindgen.to_owned(),
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

/// The entry with that name in a list of the object.
fn named<'a>(object: &'a Value, list: &str, name: &str) -> Result<&'a Value> {
    let mut entries = object.get(list).and_then(Value::as_array).into_iter().flatten();
    entries
        .find(|entry| entry.get("name").is_some_and(|found| found == name))
        .with_context(|| format!("cargo metadata lists no {name} among the {list}"))
}

fn text<'a>(object: &'a Value, member: &str) -> Result<&'a str> {
    object.get(member).and_then(Value::as_str).with_context(|| format!("cargo metadata has no text in {member}"))
}
