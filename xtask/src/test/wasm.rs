//! The crate's wasm tests in Node, Chromium and Firefox, with the stand-ins running.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::test::counts::{self, Counts};
use crate::test::page_server::PageServer;
use crate::test::{Outcome, Stage};
use crate::{browsers, node, tools};

/// The crate's own tests, and those of tests/wasm. Each is one page in a browser.
pub(super) const TARGETS: [&str; 2] = ["--lib", "--test=wasm"];

/// How long a page may take over all of its tests, of which some wait for minutes.
const PAGE_SECONDS: &str = "1200";

pub(crate) fn in_node(stage: &Stage<'_>) -> Result<Outcome> {
    node::check()?;
    let mut tests = wasm_pack_test(stage)?;
    tests.args(["--node", "--"]).args(TARGETS).args(["--", "--include-ignored"]);
    Ok(Outcome::Ran(Counts::of(&mut tests, counts::from_rust)?))
}

pub(crate) fn in_chrome(stage: &Stage<'_>) -> Result<Outcome> {
    match browsers::chromium().and_then(|_| browsers::chromedriver()) {
        Ok(driver) => in_browser(stage, "--chrome", "--chromedriver", &driver),
        Err(why) => Ok(Outcome::NotRun(why)),
    }
}

pub(crate) fn in_firefox(stage: &Stage<'_>) -> Result<Outcome> {
    match browsers::firefox() {
        Ok(_) => in_browser(stage, "--firefox", "--geckodriver", &tools::geckodriver()?),
        Err(why) => Ok(Outcome::NotRun(why)),
    }
}

fn in_browser(stage: &Stage<'_>, browser: &str, driver_option: &str, driver: &Path) -> Result<Outcome> {
    let mut counts = Counts::default();
    for target in TARGETS {
        let server = PageServer::expected()?;
        let mut tests = wasm_pack_test(stage)?;
        tests.args(["--headless", browser, driver_option]).arg(driver);
        tests.env("WASM_BINDGEN_TEST_ADDRESS", server.address.to_string());
        // Test files that name no environment of their own would be skipped here; those that do keep it.
        tests.env("WASM_BINDGEN_USE_BROWSER", "1").env("WASM_BINDGEN_TEST_TIMEOUT", PAGE_SECONDS);
        tests.args(["--", target, "--", "--include-ignored"]);
        counts += Counts::of(&mut tests, counts::from_rust)?;
    }
    Ok(Outcome::Ran(counts))
}

/// wasm-pack hands what follows the first `--` to `cargo build --tests` and to `cargo test`, so it must suit both; it
/// leaves out the doc tests. What follows the second goes to the tests: those that need the stand-in are `#[ignore]`d.
fn wasm_pack_test(stage: &Stage<'_>) -> Result<Command> {
    let mut tests = Command::new(tools::wasm_pack()?);
    tests.args(["test", "--mode=no-install"]).current_dir(&stage.project.root);
    tests.env("PATH", tools::path_starting_with(&tools::wasm_bindgen(stage.project)?)?);
    stage.give_standins(&mut tests)?;
    Ok(tests)
}

#[cfg(test)]
mod tests {
    use crate::project::Project;

    /// A second program would be a second link, and a page that no browser opens.
    #[test]
    fn the_tests_for_wasm_are_one_program() {
        let folder = Project::find().unwrap().root.join("tests");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let others: Vec<_> = files.filter(|name| name.to_string_lossy().ends_with(".rs")).collect();
        assert!(others.is_empty(), "{others:?} belong into tests/wasm");
    }
}
