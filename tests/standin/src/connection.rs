//! The TCP side of a fault. A handler cannot close the socket it answers on, so each connection carries a fate the handler
//! may change: from then on every write fails, hyper drops the connection, and the drop closes it in the way chosen.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

const STAYS: u8 = 0;
const CLOSES: u8 = 1;
const RESETS: u8 = 2;

/// What is to become of a connection.
#[derive(Clone, Default)]
pub(crate) struct Fate(Arc<AtomicU8>);

impl Fate {
    /// Ends the connection at the next write with an orderly close (FIN).
    pub(crate) fn close(&self) {
        self.0.store(CLOSES, Ordering::Release);
    }

    /// Ends the connection at the next write with a reset (RST).
    pub(crate) fn reset(&self) {
        self.0.store(RESETS, Ordering::Release);
    }

    fn is(&self, fate: u8) -> bool {
        self.0.load(Ordering::Acquire) == fate
    }
}

impl Connected<IncomingStream<'_, Door>> for Fate {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        stream.io().fate.clone()
    }
}

/// The listening socket.
pub(crate) struct Door(pub(crate) TcpListener);

impl Listener for Door {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        loop {
            match self.0.accept().await {
                Ok((stream, peer)) => {
                    // Pieces of a dribbled body must leave one by one. Without it they only arrive together.
                    let _ = stream.set_nodelay(true);
                    return (Connection { stream, fate: Fate::default() }, peer);
                }
                // Out of file handles, or a client gone before it was accepted: wait a little and go on.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// One client's connection.
pub(crate) struct Connection {
    stream: TcpStream,
    fate: Fate,
}

impl Connection {
    fn refuse_when_doomed(&self) -> io::Result<()> {
        if self.fate.is(STAYS) { Ok(()) } else { Err(io::ErrorKind::ConnectionAborted.into()) }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.fate.is(RESETS) {
            // Closing with a linger time of zero is what makes the kernel send RST instead of FIN.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.refuse_when_doomed()?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.refuse_when_doomed()?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.refuse_when_doomed()?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.fate.is(RESETS) {
            // A shutdown would say FIN first.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
