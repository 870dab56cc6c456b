//! The npm package: the crate compiled, shrunk, and bundled with the hand-written loader into pkg/npm/dist.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::project::Project;
use crate::{command, folder, node, tools};

/// What rustc emits for this target by default. `--all-features` would let wasm-opt write types that Node refuses.
const WASM_FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

pub(crate) fn build(project: &Project) -> Result<()> {
    check_version(project)?;
    tools::wasm_target()?;
    node::install_tools(project)?;
    remove_stray_gitignore(project)?;

    // Everything that goes into the bundle meets in one folder: the sources, and what they import from ./generated.
    let stage = project.empty_scratch("package")?;
    folder::copy(&project.npm_package().join("src"), &stage)?;
    let compiled = compile(project)?;
    let generated = stage.join("generated");
    generate_glue(project, &compiled, &generated)?;
    let wasm = generated.join("client.wasm");
    shrink(project, &generated.join("bindings_bg.wasm"), &wasm)?;
    wrap_glue(project, &generated, &wasm)?;

    let dist = project.npm_package().join("dist");
    if dist.exists() {
        fs::remove_dir_all(&dist).with_context(|| format!("cannot empty {}", dist.display()))?;
    }
    let minified = stage.join("minified");
    let mut bundle = node::run(&project.root.join("xtask/bundle.mjs"));
    command::run(bundle.args([&stage, &dist, &minified]))?;

    copy(&wasm, &dist.join("extracta_wasm.wasm"))?;
    copy_types(project, &dist)?;
    write_folders(project)?;
    for file in ["LICENSE", "README.md"] {
        copy(&project.root.join(file), &project.npm_package().join(file))?;
    }

    let mut sizes = node::run(&project.root.join("xtask/sizes.mjs"));
    command::run(sizes.args([&wasm, &minified.join("index.js"), &minified.join("slim.js")]))
}

fn manifest(project: &Project) -> Result<Value> {
    let file = project.npm_package().join("package.json");
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))
}

fn check_version(project: &Project) -> Result<()> {
    let package = manifest(project)?;
    let version = package.get("version").and_then(Value::as_str).unwrap_or_default();
    ensure!(
        version == project.version,
        "pkg/npm/package.json has version {version}, Cargo.toml {}: make them the same",
        project.version
    );
    Ok(())
}

/// A plain `wasm-pack build` leaves pkg/.gitignore holding `*`, and git would pass over new files in pkg/npm.
fn remove_stray_gitignore(project: &Project) -> Result<()> {
    let file = project.root.join("pkg/.gitignore");
    if fs::read_to_string(&file).is_ok_and(|text| text.trim() == "*") {
        fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
    }
    Ok(())
}

/// Each entry point is declared twice: TypeScript takes a .d.ts for what is imported, a .d.cts for what is required.
fn copy_types(project: &Project, dist: &Path) -> Result<()> {
    let sources = project.npm_package().join("src");
    let index = project.root.join("src/js/types.d.ts");
    copy(&index, &dist.join("index.d.ts"))?;
    copy(&index, &dist.join("index.d.cts"))?;
    for entry in ["slim", "origin", "proxy", "redis", "testing", "webhooks"] {
        let declared = sources.join(format!("{entry}.d.ts"));
        copy(&declared, &dist.join(format!("{entry}.d.ts")))?;
        let types = fs::read_to_string(&declared).with_context(|| format!("cannot read {}", declared.display()))?;
        fs::write(dist.join(format!("{entry}.d.cts")), types.replace("./index.js", "./index.cjs"))
            .with_context(|| format!("cannot write {entry}.d.cts"))?;
    }
    // Workers have no `require`.
    copy(&sources.join("cloudflare.d.ts"), &dist.join("cloudflare.d.ts"))?;
    copy(&sources.join("extracta_wasm.wasm.d.ts"), &dist.join("extracta_wasm.wasm.d.ts"))
}

/// Resolvers that do not read `exports`, Parcel's among them, look for `extracta-wasm/slim` in a folder of that name. Entry points
/// without `require` are for runtimes that do read it.
fn write_folders(project: &Project) -> Result<()> {
    let package = manifest(project)?;
    let entries = package.get("exports").and_then(Value::as_object).into_iter().flatten();
    for (name, conditions) in entries {
        let file = |condition: &str, kind: &str| conditions.get(condition)?.get(kind)?.as_str()?.strip_prefix("./");
        let Some(name) = name.strip_prefix("./") else { continue };
        let Some((main, module)) = file("require", "default").zip(file("import", "default")) else { continue };
        let types = file("require", "types").unwrap_or_default();
        let found = [("main", main), ("module", module), ("types", types)];
        let mut folder: serde_json::Map<_, _> =
            found.iter().map(|(member, file)| ((*member).to_owned(), Value::from(format!("../{file}")))).collect();
        folder.insert("sideEffects".to_owned(), Value::from(false));
        let path = project.npm_package().join(name);
        fs::create_dir_all(&path).with_context(|| format!("cannot create {}", path.display()))?;
        fs::write(path.join("package.json"), format!("{:#}\n", Value::Object(folder)))
            .with_context(|| format!("cannot write {}/package.json", path.display()))?;
    }
    Ok(())
}

/// As a cdylib only: Cargo leaves link-time optimisation out of a library that is built for Rust callers as well.
fn compile(project: &Project) -> Result<PathBuf> {
    let target = project.target.join("package");
    let mut cargo = Command::new("cargo");
    cargo.args(["rustc", "--release", "--lib", "--package=extracta-wasm", "--features=npm", "--crate-type=cdylib"]);
    cargo.arg("--target=wasm32-unknown-unknown").arg("--target-dir").arg(&target).current_dir(&project.root);
    cargo.env("CARGO_ENCODED_RUSTFLAGS", without_local_paths(project)?.join("\u{1f}"));
    command::run(&mut cargo)?;
    Ok(target.join("wasm32-unknown-unknown/release/extracta_wasm.wasm"))
}

/// Panics name their source file. Where this machine keeps its files is nobody's business, and would make two machines'
/// builds differ.
fn without_local_paths(project: &Project) -> Result<Vec<String>> {
    let home = match std::env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => PathBuf::from(std::env::var_os("HOME").context("neither CARGO_HOME nor HOME is set")?).join(".cargo"),
    };
    let mut flags = vec![format!("--remap-path-prefix={}=.", project.root.display())];
    // One folder for each registry, named after its address.
    if let Ok(registries) = fs::read_dir(home.join("registry/src")) {
        for registry in registries {
            flags.push(format!("--remap-path-prefix={}=crates", registry?.path().display()));
        }
    }
    Ok(flags)
}

/// The JavaScript side of the exports. Without a default module path no bundler finds a second copy of the wasm in it.
fn generate_glue(project: &Project, wasm: &Path, folder: &Path) -> Result<()> {
    let mut bindgen = Command::new(tools::wasm_bindgen(project)?.join("wasm-bindgen"));
    bindgen.args(["--target=web", "--omit-default-module-path", "--no-typescript"]);
    bindgen.args(["--remove-name-section", "--remove-producers-section", "--out-name=bindings", "--out-dir"]);
    command::run(bindgen.arg(folder).arg(wasm))
}

fn shrink(project: &Project, from: &Path, to: &Path) -> Result<()> {
    let mut optimiser = node::tool(project, "binaryen/bin/wasm-opt");
    optimiser.args(["-Oz", "--strip-debug", "--strip-producers", "--strip-target-features"]).args(WASM_FEATURES);
    command::run(optimiser.arg(from).arg("-o").arg(to))
}

fn wrap_glue(project: &Project, folder: &Path, wasm: &Path) -> Result<()> {
    let optimiser = project.root.join("xtask/node_modules/binaryen/bin/wasm-opt");
    let mut wrapping = node::run(&project.root.join("xtask/glue.mjs"));
    command::run(wrapping.args([folder, wasm, &optimiser]).args(WASM_FEATURES))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).map(drop).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
}
