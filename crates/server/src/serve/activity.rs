//! What a connection has been doing, counted where it happens and judged by `patience`.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use http::Version;
use hyper::body::{Frame, Incoming, SizeHint};

/// How many bytes an HTTP/2 peer may send in [`FLOOD_TIME`] that belong to no request: some 60,000 pings (HTTP-03).
const FLOOD: i64 = 1024 * 1024;
const FLOOD_TIME: Duration = Duration::from_secs(10);
/// What a request's head may take of the wire, and what a piece of its body does beside its content.
const HEAD: i64 = 8 * 1024;
const FRAME: i64 = 64;

/// The counters of one connection. They order nothing, so every access is relaxed.
#[derive(Debug, Default)]
pub(super) struct Activity {
    /// Requests whose answer has not been handed over to the last byte.
    in_flight: AtomicUsize,
    /// Those of them that wait for us; the others wait for their peer to take what there is.
    working: AtomicUsize,
    /// Requests ever begun.
    begun: AtomicU64,
    /// Pieces of answers ever handed over.
    handed: AtomicU64,
    /// Whether bytes arrived since the last request was answered: the head of the next one, on HTTP/1.
    partial_head: AtomicBool,
    /// Whether bytes left since this was last asked.
    wrote: AtomicBool,
    /// HTTP/2 has frames of its own between requests, which are no head; and what leaves may be the echo of a ping.
    http2: AtomicBool,
    /// Bytes that arrived and belong to no request.
    stray: AtomicI64,
}

/// The counters at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reading {
    pub(super) begun: u64,
    pub(super) handed: u64,
    pub(super) in_flight: usize,
    pub(super) partial_head: bool,
    pub(super) working: usize,
    /// Whether an answer is on its way, as far as this can be told from bytes.
    pub(super) wrote: bool,
}

impl Activity {
    /// A request has begun; it ends when the value returned is dropped.
    pub(super) fn begin(self: &Arc<Self>, version: Version) -> InFlight {
        self.in_flight.fetch_add(1, Relaxed);
        self.working.fetch_add(1, Relaxed);
        self.begun.fetch_add(1, Relaxed);
        self.partial_head.store(false, Relaxed);
        self.http2.store(version == Version::HTTP_2, Relaxed);
        self.stray.fetch_sub(HEAD, Relaxed);
        InFlight { activity: Arc::clone(self), working: true }
    }

    /// Bytes have arrived. Returns whether the peer floods us.
    pub(super) fn read(&self, bytes: usize) -> bool {
        if self.in_flight.load(Relaxed) == 0 {
            self.partial_head.store(true, Relaxed);
        }
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        // On HTTP/1, nothing can be sent that belongs to no request.
        self.stray.fetch_add(bytes, Relaxed).saturating_add(bytes) > FLOOD
            && (self.http2.load(Relaxed) || self.begun.load(Relaxed) == 0)
    }

    /// A piece of a request's body has been taken.
    fn took(&self, bytes: usize) {
        self.stray.fetch_sub(i64::try_from(bytes).unwrap_or(i64::MAX).saturating_add(FRAME), Relaxed);
    }

    /// Time has passed, which is what a peer of few words needs.
    pub(super) fn forgive(&self, elapsed: Duration) {
        let share = i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX).saturating_mul(FLOOD)
            / i64::try_from(FLOOD_TIME.as_millis()).unwrap_or(i64::MAX);
        _ = self.stray.fetch_update(Relaxed, Relaxed, |stray| Some(stray.saturating_sub(share).max(0)));
    }

    pub(super) fn wrote(&self) {
        self.wrote.store(true, Relaxed);
    }

    pub(super) fn reading(&self) -> Reading {
        let (begun, http2) = (self.begun.load(Relaxed), self.http2.load(Relaxed));
        Reading {
            begun,
            handed: self.handed.load(Relaxed),
            in_flight: self.in_flight.load(Relaxed),
            partial_head: self.partial_head.load(Relaxed) && !http2,
            working: self.working.load(Relaxed),
            wrote: self.wrote.swap(false, Relaxed) && begun > 0 && !http2,
        }
    }
}

/// One request in flight.
#[derive(Debug)]
pub(super) struct InFlight {
    activity: Arc<Activity>,
    working: bool,
}

impl InFlight {
    /// Says whether the request waits for us.
    fn set_working(&mut self, working: bool) {
        match (self.working, working) {
            (false, true) => _ = self.activity.working.fetch_add(1, Relaxed),
            (true, false) => _ = self.activity.working.fetch_sub(1, Relaxed),
            (false, false) | (true, true) => {}
        }
        self.working = working;
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.set_working(false);
        self.activity.in_flight.fetch_sub(1, Relaxed);
    }
}

/// A request body that tells what of it is taken.
pub(super) struct Taken {
    pub(super) body: Incoming,
    pub(super) activity: Arc<Activity>,
}

impl HttpBody for Taken {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let poll = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &poll {
            self.activity.took(frame.data_ref().map_or(0, Bytes::len));
        }
        poll
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A response body that keeps its request in flight until it has been handed over. While it has nothing to hand over,
/// the peer waits for us; once it has, we wait for the peer, which may never ask for more (HTTP-02, zero windows).
pub(super) struct Counted {
    body: Body,
    in_flight: InFlight,
}

impl Counted {
    /// The body of an answer that is ready.
    pub(super) fn new(body: Body, mut in_flight: InFlight) -> Self {
        in_flight.set_working(false);
        Self { body, in_flight }
    }
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let poll = Pin::new(&mut self.body).poll_frame(context);
        self.in_flight.set_working(poll.is_pending());
        if poll.is_ready() {
            self.in_flight.activity.handed.fetch_add(1, Relaxed);
        }
        poll
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
