//! The accept loop: any axum `Router` behind any listener, within limits, drained at the end.
//!
//! 1. A place is taken before a connection is accepted: whoever comes beyond [`Limits::connections`] waits in the
//!    kernel's backlog, and connections that do nothing make room within a second.
//! 2. The transport opens the stream (`opening`): nothing to do for plain TCP, a handshake for TLS (`tls`).
//! 3. `connection` serves it; `patience` judges at ticks whether it still deserves its place.
//! 4. At shutdown the listener closes, answers without end do end (`Draining`), requests in flight finish, and what is
//!    left after [`Limits::drain`] is cut.

mod activity;
mod connection;
mod files;
mod limits;
mod opening;
mod patience;
mod stream;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_util::task::TaskTracker;

pub(crate) use self::connection::Draining;
use self::connection::{Shared, drive};
pub use self::limits::Limits;
use self::opening::Openings;
use self::patience::Phase;
pub use self::tls::{Certificate, CertificateError, Tls, is_for, provider};

/// How long to wait when the system has no file descriptor or buffer left.
const STARVED: Duration = Duration::from_millis(100);

/// Opens the stream that HTTP runs on. TLS is one of these.
pub trait Transport: Send + Sync + 'static {
    /// What HTTP is spoken over.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// Turns an accepted connection into that stream; given up after [`Limits::head_timeout`], or earlier in a crowd.
    ///
    /// # Errors
    /// The connection is dropped without an answer.
    fn open(&self, tcp: TcpStream) -> impl Future<Output = io::Result<Self::Stream>> + Send;
}

/// HTTP over TCP as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plain;

impl Transport for Plain {
    type Stream = TcpStream;

    async fn open(&self, tcp: TcpStream) -> io::Result<TcpStream> {
        Ok(tcp)
    }
}

/// How a listener ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Drained {
    /// Connections that still had something to do when the time for draining was up.
    pub cut: usize,
}

/// Serves `app` on `listener` in the clear until `until` completes, then drains.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    limits: Limits,
    until: impl Future<Output = ()>,
) -> Drained {
    serve_over(Plain, listener, app, limits, until).await
}

/// As [`serve`], over another transport. Handlers find the peer's address as `ConnectInfo<SocketAddr>`.
pub async fn serve_over<T: Transport>(
    transport: T,
    listener: TcpListener,
    app: Router,
    limits: Limits,
    until: impl Future<Output = ()>,
) -> Drained {
    let places = Places::new(files::connections(limits.connections));
    let shared = Arc::new(Shared { app, protocol: limits.protocol(), limits });
    let (transport, openings) = (Arc::new(transport), Openings::default());
    let connections = TaskTracker::new();
    let mut until = pin!(until);
    loop {
        let (place, tcp, peer) = tokio::select! {
            biased;
            () = &mut until => break,
            next = places.next(&listener) => next,
        };
        let (shared, transport, phase) =
            (Arc::clone(&shared), Arc::clone(&transport), places.phase.subscribe());
        let openings = openings.clone();
        connections.spawn(async move {
            let opened = openings.open(&*transport, tcp, peer, &shared.limits, phase.clone()).await;
            if let Some(stream) = opened {
                drive(stream, peer, &shared, phase).await;
            }
            drop(place);
        });
    }
    drop(listener);
    drain(&places.phase, &connections, shared.limits.drain).await
}

/// The places for connections, and what connections are told of the listener.
struct Places {
    free: Arc<Semaphore>,
    total: usize,
    phase: watch::Sender<Phase>,
}

impl Places {
    fn new(total: usize) -> Self {
        let total = total.clamp(1, Semaphore::MAX_PERMITS);
        Self { free: Arc::new(Semaphore::new(total)), total, phase: watch::Sender::new(Phase::Open) }
    }

    /// The next connection, and its place. Nothing is lost if the future is dropped.
    async fn next(&self, listener: &TcpListener) -> (OwnedSemaphorePermit, TcpStream, SocketAddr) {
        let place = self.take().await;
        loop {
            match listener.accept().await {
                Ok((tcp, peer)) => {
                    // Answers are small and complete: waiting to fill a packet only delays them.
                    if let Err(error) = tcp.set_nodelay(true) {
                        tracing::debug!(%peer, %error, "cannot set TCP_NODELAY");
                    }
                    return (place, tcp, peer);
                }
                Err(error) if is_of_the_peer(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "cannot accept connections");
                    self.phase.send_replace(Phase::Crowded);
                    sleep(STARVED).await;
                }
            }
        }
    }

    async fn take(&self) -> OwnedSemaphorePermit {
        // A twentieth must be free before connections may be idle at leisure again: no flapping.
        if *self.phase.borrow() == Phase::Crowded && self.free.available_permits() > self.total / 20 {
            self.phase.send_replace(Phase::Open);
        }
        if self.free.available_permits() == 0
            && self.phase.send_if_modified(|phase| std::mem::replace(phase, Phase::Crowded) != Phase::Crowded)
        {
            tracing::warn!(connections = self.total, "every place is taken");
        }
        Arc::clone(&self.free).acquire_owned().await.expect("the semaphore is never closed")
    }
}

/// Whether accepting failed for one connection only, which is gone.
fn is_of_the_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

async fn drain(phase: &watch::Sender<Phase>, connections: &TaskTracker, patience: Duration) -> Drained {
    phase.send_replace(Phase::Draining);
    connections.close();
    if timeout(patience, connections.wait()).await.is_ok() {
        return Drained { cut: 0 };
    }
    let cut = connections.len();
    tracing::warn!(connections = cut, "cutting connections that are still busy");
    phase.send_replace(Phase::Cut);
    connections.wait().await;
    Drained { cut }
}
