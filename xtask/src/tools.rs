//! The Rust-made tools: taken from PATH when the version fits, else from a cache of ours, else compiled into that cache.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::project::Project;
use crate::{command, output};

const WASM_TARGET: &str = "wasm32-unknown-unknown";

struct Tool {
    package: &'static str,
    programs: &'static [&'static str],
    version: String,
    /// Whether another version on PATH will do.
    any_version: bool,
    /// Whether its lock file is tried first. That of wasm-bindgen-cli may name a dependency that is no longer offered.
    locked: bool,
    compile_minutes: u32,
}

/// The folder that holds `wasm-bindgen` and its test runner, in the version of Cargo.lock.
pub(crate) fn wasm_bindgen(project: &Project) -> Result<PathBuf> {
    find_or_install(&Tool {
        package: "wasm-bindgen-cli",
        programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
        version: project.wasm_bindgen.clone(),
        any_version: false,
        locked: false,
        compile_minutes: 5,
    })
}

/// The `wasm-pack` program.
pub(crate) fn wasm_pack() -> Result<PathBuf> {
    let folder = find_or_install(&Tool {
        package: "wasm-pack",
        programs: &["wasm-pack"],
        version: "0.15.1".to_owned(),
        any_version: false,
        locked: true,
        compile_minutes: 4,
    })?;
    Ok(folder.join(program("wasm-pack")))
}

/// The `geckodriver` program, through which tests drive Firefox.
pub(crate) fn geckodriver() -> Result<PathBuf> {
    let folder = find_or_install(&Tool {
        package: "geckodriver",
        programs: &["geckodriver"],
        version: "0.37.1".to_owned(),
        any_version: true,
        locked: true,
        compile_minutes: 5,
    })?;
    Ok(folder.join(program("geckodriver")))
}

/// The folder that holds `cargo bolero`, which builds with libFuzzer.
pub(crate) fn cargo_bolero() -> Result<PathBuf> {
    find_or_install(&Tool {
        package: "cargo-bolero",
        programs: &["cargo-bolero"],
        version: "0.13.5".to_owned(),
        any_version: true,
        locked: true,
        compile_minutes: 2,
    })
}

/// Adds the wasm target to the Rust toolchain if rustup says that it is missing.
pub(crate) fn wasm_target() -> Result<()> {
    if on_path("rustup").is_none() {
        return Ok(()); // A toolchain from elsewhere: cargo will say so if it has no such target.
    }
    let installed = command::output_of(Command::new("rustup").args(["target", "list", "--installed"]))?;
    if installed.lines().any(|target| target == WASM_TARGET) {
        return Ok(());
    }
    output::announce(format_args!("The Rust target {WASM_TARGET} is missing: adding it, a short download."));
    command::run(Command::new("rustup").args(["target", "add", WASM_TARGET]))
        .with_context(|| format!("install it by hand: rustup target add {WASM_TARGET}"))
}

/// Where a program is on PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program(name))).find(|file| file.is_file())
}

/// PATH with a folder put before it.
pub(crate) fn path_starting_with(folder: &Path) -> Result<OsString> {
    let rest = env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_path_buf()).chain(env::split_paths(&rest));
    env::join_paths(folders).with_context(|| format!("{} cannot be put on PATH", folder.display()))
}

fn find_or_install(tool: &Tool) -> Result<PathBuf> {
    let Tool { package, version, .. } = tool;
    let found = tool.programs.first().and_then(|name| on_path(name));
    if let Some(folder) = found.as_deref().and_then(Path::parent)
        && tool.fits(folder, tool.any_version)
    {
        return Ok(folder.to_path_buf());
    }
    let root = cache()?.join(format!("{package}-{version}"));
    let folder = root.join("bin");
    if !tool.fits(&folder, false) {
        output::announce(format_args!(
            "{package} {version} is neither on PATH nor in {}.\nCompiling it there, once: about {} minutes.",
            root.display(),
            tool.compile_minutes
        ));
        tool.install(&root).with_context(|| {
            format!("{package} {version} is needed: put it on PATH, or see why `cargo install` failed above")
        })?;
    }
    Ok(folder)
}

impl Tool {
    fn fits(&self, folder: &Path, any_version: bool) -> bool {
        self.programs.iter().all(|name| {
            let answer = command::output_of(Command::new(folder.join(program(name))).arg("--version"));
            answer.is_ok_and(|text| any_version || text.split_whitespace().any(|word| word == self.version))
        })
    }

    fn install(&self, root: &Path) -> Result<()> {
        let install = |lock: &[&str]| {
            let mut cargo = Command::new("cargo");
            cargo.args(["install", self.package, "--version", &self.version, "--force", "--root"]).arg(root).args(lock);
            // Its build files go to a temporary folder, not into this project's target folder.
            command::succeeds(cargo.env_remove("CARGO_TARGET_DIR"))
        };
        if (self.locked && install(&["--locked"])?) || install(&[])? {
            return Ok(());
        }
        bail!("`cargo install {} --version {}` failed", self.package, self.version);
    }
}

fn cache() -> Result<PathBuf> {
    let set = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    let base = set.or_else(|| env::home_dir().map(|home| home.join(".cache")));
    Ok(base.context("no home folder is known: set XDG_CACHE_HOME to where tools may be kept")?.join("extracta-wasm"))
}

fn program(name: &str) -> String {
    format!("{name}{}", env::consts::EXE_SUFFIX)
}
