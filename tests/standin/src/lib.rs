//! A stand-in for the two results endpoints of Extracta.ai, for tests and the demo. It is not the service.
//!
//! It answers as the public documentation says, enforces the documented 2 seconds between requests to an endpoint, and
//! keeps a log of arrivals so that a test can judge spacing as a server sees it. What a batch does is chosen by its
//! `batchId` from the table in [`scripts`]; it advances with the number of polls, never with time.
//!
//! ```
//! # fn main() -> std::io::Result<()> {
//! let server = standin::Server::start_blocking(standin::Config::default())?;
//! assert!(server.url().starts_with("http://127.0.0.1:"));
//! # Ok(())
//! # }
//! ```
//!
//! Reading order: [`Config`] and [`Server`], then `app` (the routes), `results` (what happens to one poll), [`uploads`] (files,
//! and the batches made of them), `floor` (the 2-second rule), `log` (arrivals), [`scripts`] (the batches), `documents` (the invented files), `faults` and
//! `connection` (what goes wrong on the wire).

mod app;
mod connection;
mod documents;
mod family;
mod faults;
mod floor;
mod log;
mod mount;
mod observe;
mod recent;
mod reply;
mod results;
pub mod scripts;
mod server;
mod standin;
pub mod uploads;

pub use floor::RetryAfter;
pub use mount::Mount;
pub use server::{Config, Server, serve};
