//! Starting the stand-in, from the command line or inside another program.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use axum::Router;
use tokio::{net::TcpListener, runtime::Runtime, task::JoinHandle};

use crate::{
    app,
    connection::{Door, Fate},
    floor::RetryAfter,
    mount::Mount,
};

/// How a stand-in behaves.
#[derive(Clone, Debug)]
pub struct Config {
    /// The loopback port; 0, the default, takes any free one.
    pub port: u16,
    /// The least distance of two requests of one token to one endpoint; 2 seconds by default, as documented.
    pub floor: Duration,
    /// The answer to a request that came too soon.
    pub retry_after: RetryAfter,
    /// Lets web pages read `Retry-After`. The real API is not known to, so false by default.
    pub expose_retry_after: bool,
    /// Ends each connection after one answer, so that browsers have none on which to repeat a request by themselves.
    pub close_connections: bool,
    /// Folders to serve as static files.
    pub serve: Vec<Mount>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            port: 0,
            floor: Duration::from_secs(2),
            retry_after: RetryAfter::default(),
            expose_retry_after: false,
            close_connections: false,
            serve: Vec::new(),
        }
    }
}

/// Serves on this listener until the future is dropped or the listener fails.
pub async fn serve(listener: TcpListener, config: Config) -> io::Result<()> {
    let app = build(&config)?;
    run(listener, app).await
}

fn build(config: &Config) -> io::Result<Router> {
    app::build(config).map_err(|reason| io::Error::new(io::ErrorKind::InvalidInput, reason))
}

async fn run(listener: TcpListener, app: Router) -> io::Result<()> {
    axum::serve(Door(listener), app.into_make_service_with_connect_info::<Fate>()).await
}

/// A running stand-in. It stops taking connections when this is dropped.
pub struct Server {
    address: SocketAddr,
    task: JoinHandle<io::Result<()>>,
    runtime: Option<Runtime>,
}

impl Server {
    /// Starts on 127.0.0.1 inside the current tokio runtime.
    pub async fn start(config: Config) -> io::Result<Self> {
        let app = build(&config)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, config.port)).await?;
        let address = listener.local_addr()?;
        Ok(Self { address, task: tokio::spawn(run(listener, app)), runtime: None })
    }

    /// Starts on threads of its own, for programs that are not asynchronous. Not to be called inside a tokio runtime.
    pub fn start_blocking(config: Config) -> io::Result<Self> {
        let runtime = Runtime::new()?;
        let mut server = runtime.block_on(Self::start(config))?;
        server.runtime = Some(runtime);
        Ok(server)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The origin, such as `http://127.0.0.1:8787`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What a client takes as its base URL.
    pub fn base_url(&self) -> String {
        format!("{}/api/v1", self.url())
    }

    /// Waits until serving ends, which it does only when it fails.
    pub async fn ended(&mut self) -> io::Result<()> {
        (&mut self.task).await.unwrap_or_else(|error| Err(io::Error::other(error)))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
