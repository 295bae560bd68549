//! What systemd, or whoever plays it, is told of this server, and the socket that it may hand over.
//!
//! `sd-notify` and `listenfd` read what it says in the environment (NOTIFY_SOCKET, WATCHDOG_USEC, LISTEN_FDS and their
//! companions). Without it, nothing here does anything.

use std::net::TcpListener as StdListener;

use listenfd::ListenFd;
use rustix::net::sockopt::socket_acceptconn;
use sd_notify::NotifyState;
use tokio::net::TcpListener;
use tokio::time::interval;

use crate::failure::{Code, Failure, Result};

/// The server takes requests, at the beginning or again.
pub(crate) fn ready() {
    tell(&[NotifyState::Ready, NotifyState::Status("Serving.")]);
}

/// Files are being read again; [`ready`] is to follow.
pub(crate) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::debug!(%error, "there is no monotonic time to tell the supervisor"),
    }
}

/// No more requests are taken.
pub(crate) fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("Finishing what was begun.")]);
}

/// Says as often as is wanted, twice in the time allowed, that this process still moves; returns at once if nobody
/// wants it.
pub(crate) async fn watchdog() {
    let Some(allowed) = sd_notify::watchdog_enabled().filter(|allowed| !allowed.is_zero()) else { return };
    let mut ticks = interval(allowed / 2);
    loop {
        ticks.tick().await;
        tell(&[NotifyState::Watchdog]);
    }
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "the supervisor cannot be told");
    }
}

/// The listening socket that was handed over; `None` if there is none.
///
/// # Errors
/// When there are several, or it is no TCP socket that listens.
pub(crate) fn listener() -> Result<Option<TcpListener>> {
    let mut passed = ListenFd::from_env();
    match passed.len() {
        0 => return Ok(None),
        1 => {}
        several => {
            let text = format!("{several} sockets were handed over, and only one can be listened on");
            return Err(Failure::new(Code::Usage, text).hint("keep one ListenStream= in the socket unit"));
        }
    }
    let taken = passed.take_tcp_listener(0).and_then(|socket| socket.map(adopt).transpose());
    taken.map_err(|error| {
        Failure::new(Code::Usage, format!("the socket that was handed over cannot be listened on: {error}"))
            .hint("ListenStream= in the socket unit takes an address and a port, and Accept= is no")
    })
}

fn adopt(socket: StdListener) -> std::io::Result<TcpListener> {
    // Nobody can be accepted from a connection, such as systemd hands over with Accept=yes, and no call would ever say so.
    if !socket_acceptconn(&socket)? {
        return Err(std::io::Error::other("it does not listen"));
    }
    socket.set_nonblocking(true)?;
    TcpListener::from_std(socket)
}
