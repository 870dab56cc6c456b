//! The crate's wasm tests in Node, Chromium and Firefox, with the stand-ins running.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::project::Project;
use crate::test::counts::{self, Counts};
use crate::test::page_server::PageServer;
use crate::test::{Outcome, Stage};
use crate::{browsers, node, tools};

pub(crate) fn in_node(stage: &mut Stage<'_>) -> Result<Outcome> {
    node::check()?;
    let mut tests = wasm_pack_test(stage)?;
    tests.args(["--node", "--", "--lib", "--test=*", "--", "--include-ignored"]);
    Ok(Outcome::Ran(Counts::of(&mut tests, counts::from_rust)?))
}

pub(crate) fn in_chrome(stage: &mut Stage<'_>) -> Result<Outcome> {
    match browsers::chromium().and_then(|_| browsers::chromedriver()) {
        Ok(driver) => in_browser(stage, "--chrome", "--chromedriver", &driver),
        Err(why) => Ok(Outcome::NotRun(why)),
    }
}

pub(crate) fn in_firefox(stage: &mut Stage<'_>) -> Result<Outcome> {
    match browsers::firefox() {
        Ok(_) => in_browser(stage, "--firefox", "--geckodriver", &tools::geckodriver()?),
        Err(why) => Ok(Outcome::NotRun(why)),
    }
}

fn in_browser(stage: &mut Stage<'_>, browser: &str, driver_option: &str, driver: &Path) -> Result<Outcome> {
    let mut counts = Counts::default();
    for target in test_targets(stage.project)? {
        let server = PageServer::expected()?;
        let mut tests = wasm_pack_test(stage)?;
        tests.args(["--headless", browser, driver_option]).arg(driver);
        tests.env("WASM_BINDGEN_TEST_ADDRESS", server.address.to_string());
        // Test files that name no environment of their own would be skipped here; those that do keep it.
        tests.env("WASM_BINDGEN_USE_BROWSER", "1").env("WASM_BINDGEN_TEST_TIMEOUT", "120");
        tests.args(["--", &target, "--", "--include-ignored"]);
        counts += Counts::of(&mut tests, counts::from_rust)?;
    }
    Ok(Outcome::Ran(counts))
}

/// The crate's own tests, and each file of tests.
fn test_targets(project: &Project) -> Result<Vec<String>> {
    let mut targets = vec![String::from("--lib")];
    for entry in fs::read_dir(project.root.join("tests"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            targets.extend(path.file_stem().map(|name| format!("--test={}", name.to_string_lossy())));
        }
    }
    targets.sort();
    Ok(targets)
}

/// wasm-pack hands what follows the first `--` to `cargo build --tests` and to `cargo test`, so it must suit both; it
/// leaves out the doc tests. What follows the second goes to the tests: those that need the stand-in are `#[ignore]`d.
fn wasm_pack_test(stage: &mut Stage<'_>) -> Result<Command> {
    tools::wasm_target()?;
    let mut tests = Command::new(tools::wasm_pack()?);
    tests.args(["test", "--mode=no-install"]).current_dir(&stage.project.root);
    tests.env("PATH", tools::path_starting_with(&tools::wasm_bindgen(stage.project)?)?);
    stage.give_standins(&mut tests)?;
    Ok(tests)
}
