//! The server that wasm-bindgen's test runner gives a browser its page from, helped over a fault of its thread pool.
//!
//! The pool (of tiny_http 0.12) begins with four idle threads, and counts one as idle until it has taken up the connection that it
//! was given. Of the connections that a browser opens at once two may so be given to the same thread, and the second is
//! heard when the first is closed, which is never. Where no thread is idle the pool makes one for each connection. So the
//! first threads are kept busy from here, by connections on which nothing is said.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context as _, Result};

/// As many as the pool begins with, and some to spare.
const SILENT_CONNECTIONS: usize = 6;

/// From one connection to the next: a thread takes up its connection in less.
const PAUSE: Duration = Duration::from_millis(50);

/// Where no system takes the ports of outgoing connections from: one to a port on which nobody listens yet could else get that
/// very port, and be connected to itself.
const PORTS: std::ops::Range<u16> = 20_000..30_000;

/// The next one to try: servers expected at once must not share one.
static NEXT_PORT: AtomicU16 = AtomicU16::new(PORTS.start);

/// A server that will listen, and whose first threads are kept busy until this is dropped.
pub(crate) struct PageServer {
    /// Where it is to listen.
    pub(crate) address: SocketAddr,
    is_over: Arc<AtomicBool>,
    keeper: Option<JoinHandle<()>>,
}

impl PageServer {
    /// One that is expected at an address where nobody listens.
    pub(crate) fn expected() -> Result<Self> {
        let another = || SocketAddr::from((Ipv4Addr::LOCALHOST, NEXT_PORT.fetch_add(1, Ordering::Relaxed)));
        let address = PORTS
            .map(|_| another())
            .find(|address| PORTS.contains(&address.port()) && TcpListener::bind(address).is_ok());
        let address = address.context("no port is free")?;
        let is_over = Arc::new(AtomicBool::new(false));
        let keeper = thread::spawn({
            let is_over = is_over.clone();
            move || keep_busy(address, &is_over)
        });
        Ok(Self { address, is_over, keeper: Some(keeper) })
    }
}

impl Drop for PageServer {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        // It has nothing to say; a panic of its own was printed.
        let _ = self.keeper.take().map(JoinHandle::join);
    }
}

fn keep_busy(address: SocketAddr, is_over: &AtomicBool) {
    let mut connections = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        if connections.len() < SILENT_CONNECTIONS {
            connections.extend(TcpStream::connect(address));
        }
        thread::sleep(PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn connections_that_say_nothing_come_until_it_is_dropped() {
        let expected = PageServer::expected().unwrap();
        let server = TcpListener::bind(expected.address).unwrap();
        let connections: Vec<_> = (0..SILENT_CONNECTIONS).map(|_| server.accept().unwrap().0).collect();
        drop(expected);
        for mut connection in connections {
            assert_eq!(connection.read(&mut [0]).unwrap(), 0, "it said something");
        }
    }
}
