//! From an accepted connection to a stream, within bounds: who begins a handshake and does not end it holds no place
//! that somebody else waits for (HTTP-02).

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::Transport;
use super::limits::Limits;
use super::patience::{HURRY, Phase};

/// How many connections of a listener are being opened.
#[derive(Clone, Debug, Default)]
pub(super) struct Openings(Arc<AtomicUsize>);

impl Openings {
    /// Opens the stream, unless it takes too long: [`Limits::head_timeout`], but only a second while every place is
    /// taken or more than [`Limits::handshakes`] are under way, and no longer when the listener drains.
    pub(super) async fn open<T: Transport>(
        &self,
        transport: &T,
        tcp: TcpStream,
        peer: SocketAddr,
        limits: &Limits,
        mut phase: watch::Receiver<Phase>,
    ) -> Option<T::Stream> {
        let _one = One::of(&self.0);
        let begun = Instant::now();
        let (mut look, end) = (begun + HURRY, begun + limits.head_timeout);
        let mut opening = pin!(transport.open(tcp));
        loop {
            tokio::select! {
                biased;
                opened = &mut opening => {
                    return opened.inspect_err(|error| tracing::debug!(%peer, %error, "no stream")).ok();
                }
                changed = phase.changed() => {
                    if changed.is_err() || matches!(*phase.borrow_and_update(), Phase::Cut | Phase::Draining) {
                        return None;
                    }
                }
                () = sleep_until(look.min(end)) => {
                    let crowded = *phase.borrow() != Phase::Open || self.0.load(Relaxed) > limits.handshakes;
                    if crowded || Instant::now() >= end {
                        tracing::debug!(%peer, crowded, "the handshake took too long");
                        return None;
                    }
                    look += HURRY;
                }
            }
        }
    }
}

/// One of them.
struct One<'a>(&'a AtomicUsize);

impl<'a> One<'a> {
    fn of(openings: &'a AtomicUsize) -> Self {
        openings.fetch_add(1, Relaxed);
        Self(openings)
    }
}

impl Drop for One<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}
