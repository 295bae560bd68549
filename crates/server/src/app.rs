//! What the endpoints share, and what of a request they are told.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequestParts};
use http::header::ORIGIN;
use http::request::Parts;
use http::{HeaderValue, Uri};
use tokenry_clock::Clock;
use tokenry_engine::{Context, Engine};
use tokenry_model::Rng;
use tokenry_protocol::challenge::{Challenge, Scheme};

use crate::middleware::hosts::HostPolicy;
use crate::middleware::request_id::RequestId;

/// An authorization server, to be made a [`crate::router`].
#[derive(Clone, Debug)]
pub struct App {
    /// What decides.
    pub engine: Arc<Engine>,
    /// Tells each request its time, once.
    pub clock: Arc<dyn Clock>,
    /// Gives each request its id.
    pub rng: Arc<dyn Rng>,
    /// The rest.
    pub settings: Settings,
}

/// What an operator may set of the HTTP side.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which hosts and origins are served.
    pub hosts: HostPolicy,
    /// How long a request body may take to arrive.
    pub body_timeout: Duration,
    /// How long an answer may take.
    pub request_timeout: Duration,
    /// The most requests in flight; further ones get 503 at once.
    pub requests: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            hosts: HostPolicy::default(),
            body_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            requests: 2_048,
        }
    }
}

/// The state of the handlers.
pub(crate) struct State {
    pub(crate) engine: Arc<Engine>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) body_timeout: Duration,
    /// Both metadata documents never change while the server runs.
    pub(crate) authorization_server: Bytes,
    pub(crate) openid: Bytes,
}

impl State {
    pub(crate) fn new(app: &App) -> Self {
        let metadata = app.engine.metadata();
        Self {
            engine: Arc::clone(&app.engine),
            clock: Arc::clone(&app.clock),
            body_timeout: app.settings.body_timeout,
            authorization_server: metadata.authorization_server_json().into(),
            openid: metadata.openid_json().into(),
        }
    }
}

/// The challenge to a client: `Basic` for the issuer's host.
pub(crate) fn challenge(issuer: &str) -> HeaderValue {
    let uri: Option<Uri> = issuer.parse().ok();
    let host = uri.as_ref().and_then(Uri::host).unwrap_or(issuer).to_owned();
    let challenge = Challenge::new(Scheme::Basic).realm(host).to_string();
    HeaderValue::try_from(challenge).expect("a challenge consists of visible ASCII")
}

/// What a handler passes on to the engine of the request that it serves.
pub(crate) struct Exchange(pub(crate) Context);

impl FromRequestParts<Arc<State>> for Exchange {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<State>) -> Result<Self, Self::Rejection> {
        let request_id = parts.extensions.get::<RequestId>().map_or("", RequestId::as_str).to_owned();
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let address = peer.map(|ConnectInfo(peer)| peer.ip());
        let from_browser = parts.headers.contains_key(ORIGIN);
        Ok(Self(Context { now: state.clock.now(), request_id, address, from_browser }))
    }
}
