//! The client: one `async` driver for every call, and its Rust face.

mod attempt;
pub(crate) mod base_url;
mod builder;
pub(crate) mod call;
#[allow(clippy::module_inception, reason = "the file of `Client`")]
mod client;
pub(crate) mod config;
pub(crate) mod control;
mod driver;
pub(crate) mod error;
pub(crate) mod feed;
mod follow;
mod headers;
mod job;
mod lanes;
pub(crate) mod many;
pub(crate) mod number;
pub(crate) mod options;
mod place;
mod poll;
pub(crate) mod progress;
pub(crate) mod report;
mod results;
pub(crate) mod running;
pub(crate) mod session;
pub(crate) mod shared_pacing;
pub(crate) mod start;
pub(crate) mod token;
mod turn;
pub(crate) mod upload;
mod uploads;
mod waiter;
mod watch;

pub use builder::ClientBuilder;
pub use client::Client;
pub use error::Error;
pub use job::{Job, Uploaded};
pub use poll::{ManyPolls, Poll, Settled};
pub use report::{LaneDecision, LaneReport};
pub use results::{Classification, Counts, File, Link, Progress, Results, Status};
pub use shared_pacing::{Member, SharedPacing};
pub use token::TokenProvider;
pub use upload::UploadProgress;
pub use upload::file::UploadFile;
pub use uploads::{Extract, ExtractProgress, Upload};
pub use watch::{Watch, WatchHandle};

pub use crate::web::LocalFuture;
