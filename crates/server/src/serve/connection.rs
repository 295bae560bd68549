//! One connection, from the first byte to the last.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use axum::Router;
use axum::extract::ConnectInfo;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tower::Service as _;

use super::activity::{Activity, Counted, Taken};
use super::limits::Limits;
use super::patience::{Patience, Phase};
use super::stream::Watched;

/// What every connection of a listener shares.
pub(super) struct Shared {
    pub(super) app: Router,
    pub(super) limits: Limits,
    pub(super) protocol: auto::Builder<TokioExecutor>,
}

/// Serves a connection until either side has had enough.
///
/// 1. Requests are answered, as many at once as the protocol allows.
/// 2. Patience runs out, or the listener drains: no further request is taken, those in flight are finished.
/// 3. Patience runs out once more, or the drain's time is up: the connection is dropped.
pub(super) async fn drive<S>(stream: S, peer: SocketAddr, shared: &Shared, mut phase: watch::Receiver<Phase>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let activity = Arc::new(Activity::default());
    let mut patience = Patience::new(Arc::clone(&activity), &shared.limits);
    let stream = Watched::new(stream, Arc::clone(&activity), shared.limits.write_timeout);
    let draining = Draining(phase.clone());
    let service =
        hyper::service::service_fn(|request| answer(&shared.app, request, peer, &draining, &activity));
    let mut connection = pin!(shared.protocol.serve_connection(TokioIo::new(stream), service));
    // What it is closed for: the listener drains, or it has earned no more patience.
    let mut closing = None;
    loop {
        let listener = *phase.borrow_and_update();
        let current = closing.unwrap_or(listener);
        tokio::select! {
            biased;
            result = &mut connection => {
                if let Err(error) = result {
                    tracing::debug!(%peer, error, "connection ended early");
                }
                return;
            }
            () = patience.exhausted(current) => {
                if closing.is_some() {
                    tracing::debug!(%peer, "connection dropped");
                    return;
                }
                closing = Some(if current == Phase::Draining { current } else { Phase::Crowded });
            }
            changed = phase.changed() => match (changed, *phase.borrow()) {
                (Err(_), _) | (Ok(()), Phase::Cut) => return,
                (Ok(()), Phase::Draining) if closing.is_none() => closing = Some(Phase::Draining),
                (Ok(()), Phase::Draining | Phase::Open | Phase::Crowded) => continue,
            },
        }
        connection.as_mut().graceful_shutdown();
    }
}

/// Tells an answer without end that it has to: it is in the extensions of every request.
#[derive(Clone, Debug)]
pub(crate) struct Draining(watch::Receiver<Phase>);

impl Draining {
    /// Waits until the listener drains.
    pub(crate) async fn begun(mut self) {
        let drains = |phase: &Phase| matches!(phase, Phase::Cut | Phase::Draining);
        let _listener_gone = self.0.wait_for(drains).await;
    }
}

/// Hands a request to the application, with the peer's address (as `ConnectInfo`), and counts it.
fn answer(
    app: &Router,
    mut request: Request<Incoming>,
    peer: SocketAddr,
    draining: &Draining,
    activity: &Arc<Activity>,
) -> impl Future<Output = Result<Response<Counted>, Infallible>> + Send + use<> {
    let in_flight = activity.begin(request.version());
    request.extensions_mut().insert(ConnectInfo(peer));
    request.extensions_mut().insert(draining.clone());
    let request = request.map(|body| Taken { body, activity: Arc::clone(activity) });
    let answer = app.clone().call(request);
    async move { Ok(answer.await?.map(|body| Counted::new(body, in_flight))) }
}
