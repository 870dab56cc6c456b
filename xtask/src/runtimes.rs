//! The runtimes and bundlers of tests/consumers/package.json, wrangler and workerd among them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::project::Project;
use crate::{command, node, output};

/// What wrangler needs.
const NEW_NODE: (u32, u32) = (22, 0);

pub(crate) struct Runtimes {
    /// Where they are installed. Kept from run to run, outside the repository: they are large.
    pub(crate) folder: PathBuf,
}

impl Runtimes {
    /// Installs what the lock file names, unless that is there already.
    pub(crate) fn install(project: &Project) -> Result<Runtimes> {
        node::check()?;
        let source = project.root.join("tests/consumers");
        let folder = project.target.join("xtask/consumers");
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let mut files = vec![".npmrc".to_owned(), "package.json".to_owned(), "package-lock.json".to_owned()];
        files.extend(apps_with_dependencies(&source)?.into_iter().map(|app| format!("{app}/package.json")));
        let changed = |file: &String| fs::read(source.join(file)).ok() != fs::read(folder.join(file)).ok();
        // npm writes this file last.
        let complete = folder.join("node_modules/.package-lock.json");
        if complete.exists() && !files.iter().any(changed) {
            return Ok(Runtimes { folder });
        }
        output::announce(
            "The runtimes and bundlers of tests/consumers/package.json are missing or old: installing them, some minutes.",
        );
        if complete.exists() {
            fs::remove_file(&complete).with_context(|| format!("cannot remove {}", complete.display()))?;
        }
        for file in &files {
            let copy = folder.join(file);
            fs::create_dir_all(copy.parent().unwrap_or(&folder))
                .and_then(|()| fs::copy(source.join(file), &copy))
                .with_context(|| format!("cannot copy tests/consumers/{file}"))?;
        }
        // Not `npm ci`: that wants the programs of all platforms in the lock file, and not every registry has them all.
        let mut install = node::npm();
        install.args(["install", "--no-save"]).current_dir(&folder);
        command::run(&mut install).context("npm could not install what consumers use")?;
        Ok(Runtimes { folder })
    }

    /// A Node that is new enough for wrangler, the one on PATH or else the newest installed here; or what to do.
    pub(crate) fn new_node(&self) -> Result<PathBuf, &'static str> {
        if node::version().is_ok_and(|version| version >= NEW_NODE) {
            return Ok("node".into());
        }
        self.node_24().map_err(|_| "wrangler needs Node 22 or newer: see https://nodejs.org")
    }

    /// The Node 24 installed here.
    pub(crate) fn node_24(&self) -> Result<PathBuf, &'static str> {
        let platform = if cfg!(windows) { "win32" } else { std::env::consts::OS };
        let architecture = match std::env::consts::ARCH {
            "x86_64" => "x64",
            "aarch64" => "arm64",
            other => other,
        };
        let package = self.folder.join(format!("node_modules/node-24-{platform}-{architecture}"));
        let program = package.join(format!("bin/node{}", std::env::consts::EXE_SUFFIX));
        program.exists().then_some(program).ok_or("npm offers no Node 24 for this platform")
    }
}

/// The apps that have dependencies of their own: the workspaces of tests/consumers/package.json. What two of them share is
/// installed once.
fn apps_with_dependencies(source: &Path) -> Result<Vec<String>> {
    let text = fs::read(source.join("package.json")).context("cannot read tests/consumers/package.json")?;
    let manifest: Value = serde_json::from_slice(&text).context("cannot understand tests/consumers/package.json")?;
    let workspaces = manifest.get("workspaces").and_then(Value::as_array).context("package.json has no workspaces")?;
    Ok(workspaces.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}
