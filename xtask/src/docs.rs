//! What is made of the documentation: the READMEs of both packages, and the references of the API.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::project::Project;
use crate::{command, node, output, tools};

/// Where the scripts are that read Markdown and TypeScript declarations, with packages of their own.
const SCRIPTS: &str = "xtask/docs";

/// Writes the READMEs of both packages and the pages that the npm package brings.
pub(crate) fn write_readmes(project: &Project) -> Result<()> {
    install_tools(project)?;
    command::run(node::run(&scripts(project).join("readmes.mjs")).arg(&project.root))
}

pub(crate) fn install_tools(project: &Project) -> Result<()> {
    node::install_packages(project, SCRIPTS)
}

pub(crate) fn scripts(project: &Project) -> PathBuf {
    project.root.join(SCRIPTS)
}

/// Writes the references for Rust and JavaScript; a warning of either tool is an error.
pub(crate) fn references(project: &Project) -> Result<()> {
    let rust = rust_reference(project)?;
    let javascript = javascript_reference(project)?;
    output::say(format_args!("\nRust:       {}\nJavaScript: {}", rust.display(), javascript.display()));
    Ok(())
}

/// As docs.rs builds it.
pub(crate) fn rustdoc(project: &Project) -> Command {
    let mut rustdoc = Command::new("cargo");
    rustdoc.args(["doc", "--no-deps", "--package=extracta-wasm", "--target=wasm32-unknown-unknown"]);
    rustdoc.env("RUSTDOCFLAGS", "--deny=warnings").current_dir(&project.root);
    rustdoc
}

fn rust_reference(project: &Project) -> Result<PathBuf> {
    tools::wasm_target()?;
    command::run(&mut rustdoc(project))?;
    Ok(project.target.join("wasm32-unknown-unknown/doc/extracta_wasm/index.html"))
}

fn javascript_reference(project: &Project) -> Result<PathBuf> {
    install_tools(project)?;
    let entries = declarations(project)?;
    let folder = project.target.join("reference");
    let mut typedoc = node::run(&scripts(project).join("node_modules/typedoc/bin/typedoc"));
    typedoc.arg("--options").arg(scripts(project).join("typedoc.json")).arg("--out").arg(&folder);
    // Where the declarations find one another, as they do in the package.
    typedoc.arg("--tsconfig").arg(project.scratch("reference").join("tsconfig.json")).args(entries);
    command::run(&mut typedoc)?;
    Ok(folder.join("index.html"))
}

/// A copy of the declarations in one folder, as they meet in the package; the files of its entries.
fn declarations(project: &Project) -> Result<Vec<PathBuf>> {
    let folder = project.empty_scratch("reference")?;
    copy(&scripts(project).join("reference.tsconfig.json"), &folder.join("tsconfig.json"))?;
    let mut entries = vec![folder.join("index.d.ts")];
    copy(&project.root.join("src/js/types.d.ts"), &folder.join("index.d.ts"))?;
    let sources = project.npm_package().join("src");
    for entry in fs::read_dir(&sources).with_context(|| format!("cannot read {}", sources.display()))? {
        let name = entry?.file_name();
        // The module that is a file declares nothing to read.
        if name.to_string_lossy().ends_with(".d.ts") && name != "extracta_wasm.wasm.d.ts" {
            copy(&sources.join(&name), &folder.join(&name))?;
            entries.push(folder.join(name));
        }
    }
    entries.sort();
    Ok(entries)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).map(drop).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
}
