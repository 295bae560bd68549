//! What one listener will put up with: sizes, counts and patience.

use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto;

/// hyper reads into no smaller buffer.
const MIN_BUFFER: usize = 8 * 1024;

/// Bounds of a listener. The defaults are meant for production.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The most requests at once on one HTTP/2 connection.
    pub concurrent_streams: u32,
    /// The most connections at once, and never more than three quarters of the files that the process may open.
    /// Further ones wait in the kernel's backlog, and idle ones make room for them.
    pub connections: usize,
    /// How long requests in flight get to finish once shutdown has begun.
    pub drain: Duration,
    /// Beyond so many TLS handshakes at once, those that last longer than a second are given up.
    pub handshakes: usize,
    /// The longest request head, in bytes, at least 8 KiB: start line and header fields. Beyond it: 431.
    pub head_bytes: u32,
    /// How long a peer may take to send the head of a request, closed after one to two times this; and before it for the
    /// TLS handshake.
    pub head_timeout: Duration,
    /// How long a connection stays open without a request; closed at the first multiple of `head_timeout` past it.
    pub idle_timeout: Duration,
    /// How long a peer may take nothing of what is written to it.
    pub write_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            concurrent_streams: 100,
            connections: 10_000,
            drain: Duration::from_secs(10),
            handshakes: 1_000,
            head_bytes: 32 * 1024,
            head_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(60),
            write_timeout: Duration::from_secs(20),
        }
    }
}

impl Limits {
    /// The protocol half of the limits: what hyper enforces itself.
    pub(super) fn protocol(&self) -> auto::Builder<TokioExecutor> {
        let mut builder = auto::Builder::new(TokioExecutor::new());
        // The time for a head is watched by `patience`: hyper's timer does not cover the time before the version is
        // known, nor HTTP/2, and costs an allocation a request. So does naming its default of 100 header fields.
        builder.http1().header_read_timeout(None).max_buf_size((self.head_bytes as usize).max(MIN_BUFFER));
        // Windows of 64 KiB: no request body is longer, and 100 streams of hyper's 1 MiB are too much for a stranger.
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(self.concurrent_streams)
            .max_header_list_size(self.head_bytes)
            .initial_stream_window_size(64 * 1024)
            .initial_connection_window_size(256 * 1024)
            .max_send_buf_size(64 * 1024)
            .keep_alive_interval(Duration::from_secs(20))
            .keep_alive_timeout(Duration::from_secs(20));
        builder
    }
}
