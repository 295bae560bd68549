//! What a connection has been doing, counted where it happens and judged by `patience`.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use http::Version;
use hyper::body::{Frame, SizeHint};

/// The counters of one connection. They order nothing, so every access is relaxed.
#[derive(Debug, Default)]
pub(super) struct Activity {
    /// Requests whose answer has not been handed over to the last byte.
    in_flight: AtomicUsize,
    /// Requests ever begun.
    begun: AtomicU64,
    /// Whether bytes arrived since the last request was answered: the head of the next one, on HTTP/1.
    partial_head: AtomicBool,
    /// Whether bytes left since this was last asked.
    wrote: AtomicBool,
    /// HTTP/2 has frames of its own between requests, which are no head.
    http2: AtomicBool,
}

/// The counters at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reading {
    pub(super) begun: u64,
    pub(super) in_flight: usize,
    pub(super) partial_head: bool,
    pub(super) wrote: bool,
}

impl Activity {
    /// A request has begun; it ends when the value returned is dropped.
    pub(super) fn begin(self: &Arc<Self>, version: Version) -> InFlight {
        self.in_flight.fetch_add(1, Relaxed);
        self.begun.fetch_add(1, Relaxed);
        self.partial_head.store(false, Relaxed);
        self.http2.store(version == Version::HTTP_2, Relaxed);
        InFlight(Arc::clone(self))
    }

    pub(super) fn read(&self) {
        if self.in_flight.load(Relaxed) == 0 {
            self.partial_head.store(true, Relaxed);
        }
    }

    pub(super) fn wrote(&self) {
        self.wrote.store(true, Relaxed);
    }

    pub(super) fn reading(&self) -> Reading {
        Reading {
            begun: self.begun.load(Relaxed),
            in_flight: self.in_flight.load(Relaxed),
            partial_head: self.partial_head.load(Relaxed) && !self.http2.load(Relaxed),
            wrote: self.wrote.swap(false, Relaxed),
        }
    }
}

/// One request in flight.
#[derive(Debug)]
pub(super) struct InFlight(Arc<Activity>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}

/// A response body that keeps its request in flight until it has been handed over.
pub(super) struct Counted {
    pub(super) body: Body,
    pub(super) _in_flight: InFlight,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
