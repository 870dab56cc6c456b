//! The Worker that keeps the key, between a page in Chromium and the stand-in.

use anyhow::Result;

use crate::runtimes::Runtimes;
use crate::server::ANY_PORT;
use crate::test::counts::{self, Counts};
use crate::test::{Outcome, Stage};
use crate::worker::{self, Page, Secrets};
use crate::{browsers, node, standin};

/// Unlike anything else, so that finding it where it must not be means something.
const KEY: &str = "canary-key-5b1c";
const WEBHOOK_SECRET: &str = "canary-webhook-secret-77e0";

/// Runs tests/worker/*.test.mjs against the Worker with its page as it is deployed, bundled by wrangler and run by workerd.
pub(crate) fn run(stage: &Stage<'_>) -> Result<Outcome> {
    let chromium = match browsers::chromium() {
        Ok(path) => path,
        Err(why) => return Ok(Outcome::NotRun(why)),
    };
    if let Err(why) = Runtimes::install(stage.project)?.new_node() {
        return Ok(Outcome::NotRun(why));
    }
    // The Worker's key, and with it the 2 seconds.
    let mut tests = node::test_files_in_turn(&stage.project.root.join("tests/worker"))?;
    // One of its own: what it logs came from the Worker.
    let mut standin = standin::start(stage.project, ANY_PORT, standin::API)?;
    standin.ignore_log();
    let secrets = Secrets { api_key: KEY, webhook: Some(WEBHOOK_SECRET) };
    let mut worker = worker::start(stage.project, ANY_PORT, Page::Deployed, &standin, &secrets)?;
    worker.ignore_log();
    tests
        .current_dir(&stage.project.root)
        .env("CHROMIUM", chromium)
        .env("EXTRACTA_API_KEY", KEY)
        .env("EXTRACTA_WEBHOOK_SECRET", WEBHOOK_SECRET)
        .env("EXTRACTA_DEMO_URL", format!("{}/", worker.url))
        .env("EXTRACTA_STANDIN_URL", &standin.url);
    Ok(Outcome::Ran(Counts::of(&mut tests, counts::from_node)?))
}
