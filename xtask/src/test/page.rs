//! Scripts by themselves, and the demo's page in a browser.

use anyhow::Result;

use crate::server::ANY_PORT;
use crate::test::counts::{self, Counts};
use crate::test::{Outcome, Stage};
use crate::{browsers, node, standin};

/// Runs the tests beside the scripts of the demo and of the Worker, and those of the modules that the wasm calls.
pub(crate) fn scripts(stage: &Stage<'_>) -> Result<Outcome> {
    node::check()?;
    let mut counts = Counts::default();
    for folder in ["www", "www/worker"] {
        let mut tests = node::test_files(&stage.project.root.join(folder))?;
        counts += Counts::of(tests.current_dir(&stage.project.root), counts::from_node)?;
    }
    Ok(Outcome::Ran(counts))
}

/// Runs tests/page/*.test.mjs, which drive Chromium through the Playwright of xtask/package.json.
pub(crate) fn in_chromium(stage: &Stage<'_>) -> Result<Outcome> {
    let chromium = match browsers::chromium() {
        Ok(path) => path,
        Err(why) => return Ok(Outcome::NotRun(why)),
    };
    let mut tests = node::test_files_at_once(&stage.project.root.join("tests/page"))?;
    let mut standin = standin::start(stage.project, ANY_PORT, standin::DEMO)?;
    standin.ignore_log();
    tests
        .current_dir(&stage.project.root)
        .env("CHROMIUM", chromium)
        .env("EXTRACTA_DEMO_URL", format!("{}/", standin.url));
    Ok(Outcome::Ran(Counts::of(&mut tests, counts::from_node)?))
}
