//! The stand-in as a program.

mod cli;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use anyhow::{Context, Result};
use clap::Parser;
use standin::{Config, Server};

use crate::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("standin: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<()> {
    let config = cli.config();
    let mut server = Server::start(config.clone()).await.with_context(|| match config.port {
        0 => "no free port on 127.0.0.1".to_owned(),
        port => format!("cannot listen on port {port}; use --port N for another, or --port 0 for any free one"),
    })?;
    // A reader that wants only the first line may be gone by the second; that is no reason to stop.
    let _ = announce(&mut io::stdout().lock(), &server, &config);
    match cli.exit_after() {
        Some(time) => tokio::time::timeout(time, server.ended()).await.unwrap_or(Ok(())),
        None => server.ended().await,
    }
    .context("the server stopped")
}

/// The first line is for programs and never changes; the others are for people.
fn announce(out: &mut impl Write, server: &Server, config: &Config) -> io::Result<()> {
    writeln!(out, "standin listening on {}", server.url())?;
    writeln!(
        out,
        "This is a stand-in for tests and the demo, not the Extracta.ai service. Its documents are invented."
    )?;
    writeln!(
        out,
        "Base URL {}; requests to one endpoint at least {} ms apart.",
        server.base_url(),
        config.floor.as_millis()
    )?;
    for mount in &config.serve {
        writeln!(out, "Serving {} at {}{}/", mount.dir().display(), server.url(), mount.prefix())?;
    }
    writeln!(out, "Log: {}/_standin/log   Batches: --help", server.url())?;
    out.flush()
}
