//! The Worker of www/worker, run by workerd on this machine.

use std::process::{Command, Stdio};

use anyhow::{Error, Result};

use crate::project::Project;
use crate::runtimes::Runtimes;
use crate::server::{self, Server};

/// What the Worker serves besides the proxy.
pub(crate) enum Page {
    /// The page as it is deployed.
    Deployed,
    /// The page that knows of the stand-in behind the Worker, and of its batches.
    Demo,
}

/// What a deployment keeps secret.
pub(crate) struct Secrets<'a> {
    pub(crate) api_key: &'a str,
    /// What the API signs its webhook with, where one is set up.
    pub(crate) webhook: Option<&'a str>,
}

/// Starts it, in front of an API, on the port given or on a free one if that is taken. The package must be built.
pub(crate) fn start(project: &Project, port: u16, page: Page, api: &Server, secrets: &Secrets<'_>) -> Result<Server> {
    let runtimes = Runtimes::install(project)?;
    let mut worker = Command::new(runtimes.new_node().map_err(Error::msg)?);
    worker
        .arg(project.root.join("xtask/serve-worker.mjs"))
        .arg(&runtimes.folder)
        .arg(project.empty_scratch("worker")?)
        .arg(server::free_port(port).to_string());
    if let Page::Demo = page {
        worker.arg("--scripted");
    }
    if let Some(secret) = secrets.webhook {
        worker.env("EXTRACTA_WEBHOOK_SECRET", secret);
    }
    worker.env("EXTRACTA_API_KEY", secrets.api_key).env("EXTRACTA_BASE_URL", format!("{}/api/v1", api.url));
    Server::start(worker.stdin(Stdio::piped()), "worker listening on ")
}
