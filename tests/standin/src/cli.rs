//! The command line: flags, and a `--help` that lists the scripted batches from the table that plays them.

use std::time::Duration;

use clap::{Parser, ValueEnum};
use standin::{Config, Mount, RetryAfter, scripts, uploads};

/// A stand-in for the two results endpoints of Extracta.ai. It is NOT the Extracta.ai service: every document in it is
/// invented, and it is meant for tests and the demo on this machine.
#[derive(Parser)]
#[command(name = "standin", version, after_help = batches(), max_term_width = 120)]
pub(crate) struct Cli {
    /// Port on 127.0.0.1; 0 takes any free one
    #[arg(long, default_value_t = 8787)]
    port: u16,

    /// Least milliseconds between two requests of one token to one endpoint; sooner is answered 429
    #[arg(long, default_value_t = 2000, value_name = "MS")]
    floor_ms: u64,

    /// Serve a folder as static files under PREFIX, `/` when left out; may be repeated
    #[arg(long, value_name = "DIR[=PREFIX]")]
    serve: Vec<Mount>,

    /// Form of the Retry-After header on a 429 for coming too soon
    #[arg(long, value_enum, default_value_t = RetryAfterForm::Seconds)]
    retry_after: RetryAfterForm,

    /// Let web pages read Retry-After (Access-Control-Expose-Headers); the real API is not known to
    #[arg(long)]
    expose_retry_after: bool,

    /// End each connection after one answer, so that browsers have none on which to repeat a request by themselves
    #[arg(long)]
    close_connections: bool,

    /// Stop by itself after this many seconds
    #[arg(long, value_name = "SECONDS")]
    exit_after: Option<u64>,
}

#[derive(Clone, Copy, ValueEnum)]
enum RetryAfterForm {
    Seconds,
    Date,
    None,
}

impl Cli {
    /// When to stop, if ever.
    pub(crate) fn exit_after(&self) -> Option<Duration> {
        self.exit_after.map(Duration::from_secs)
    }

    /// The server these flags ask for.
    pub(crate) fn config(&self) -> Config {
        Config {
            port: self.port,
            floor: Duration::from_millis(self.floor_ms),
            retry_after: match self.retry_after {
                RetryAfterForm::Seconds => RetryAfter::Seconds,
                RetryAfterForm::Date => RetryAfter::Date,
                RetryAfterForm::None => RetryAfter::None,
            },
            expose_retry_after: self.expose_retry_after,
            close_connections: self.close_connections,
            serve: self.serve.clone(),
        }
    }
}

fn batches() -> String {
    let width = scripts::TABLE.iter().map(|script| script.name.len()).max().unwrap_or(0);
    let lines = scripts::TABLE.iter().map(|script| format!("  {:width$}  {}\n", script.name, script.about));
    let width = uploads::TABLE.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let uploads = uploads::TABLE.iter().map(|(name, about)| format!("  {name:width$}  {about}\n"));
    format!(
        "Batches, chosen by batchId; any extractionId or classificationId will do. They advance by the number of\n\
         accepted polls, never by time. N and CODE stand for numbers, JSON for text; \"then done\" is after two polls unless said.\n\n{}\n\
         Uploads: POST /uploadFiles and /documentClassification/uploadFiles make a batch whose results echo the files' names.\n\
         Where the extractionId or classificationId is one of these, they go wrong:\n\n{}\n\
         Tokens: any is accepted but \"invalid\" and those starting with \"expired\" (401), and \"forbidden\" (403).\n\
         Log: GET /_standin/log, /_standin/gaps and /_standin/uploads, POST /_standin/reset, each with an optional ?token=T.\n\
         Outage: POST /_standin/outage?token=T&requests=N, and the next N requests of T are answered 503.",
        lines.collect::<String>(),
        uploads.collect::<String>()
    )
}
