//! Tabs and workers that share a lane, in a browser.

use anyhow::Result;

use crate::server::ANY_PORT;
use crate::test::counts::{self, Counts};
use crate::test::{Outcome, Stage};
use crate::{browsers, node, standin};

/// Runs tests/tabs/*.test.mjs.
pub(crate) fn run(stage: &Stage<'_>) -> Result<Outcome> {
    let chromium = match browsers::chromium() {
        Ok(path) => path,
        Err(why) => return Ok(Outcome::NotRun(why)),
    };
    let mut tests = node::test_files(&stage.project.root.join("tests/tabs"))?;
    let mut standin = standin::start(stage.project, ANY_PORT, standin::TABS)?;
    standin.ignore_log();
    tests
        .current_dir(&stage.project.root)
        .env("CHROMIUM", chromium)
        .env("EXTRACTA_TABS_URL", format!("{}/", standin.url))
        .env("EXTRACTA_TABS_FLOOR_MS", standin::TABS_FLOOR_MS);
    Ok(Outcome::Ran(Counts::of(&mut tests, counts::from_node)?))
}
