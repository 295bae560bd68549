//! What the endpoints share, and what of a request they are told.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequestParts};
use http::header::ORIGIN;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use tokenry_clock::Clock;
use tokenry_engine::{Context, Engine};
use tokenry_model::Rng;
use tokenry_protocol::challenge::{Challenge, Scheme as Auth};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::body::Bodies;
use crate::health::Readiness;
use crate::middleware::hosts::HostPolicy;
use crate::middleware::request_id::RequestId;
use crate::problem::Fault;
use crate::session::cookie::ApiCookie;
use crate::words::language::{self, Language};

/// Where a browser says that a request comes from. Browsers alone send it, and no page can keep them from it or forge it (W3C Fetch
/// Metadata §2.3). `Sec-Fetch-Mode` is no such sign: Node's `fetch` sends it too.
pub(crate) const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// An authorization server, to be made a [`crate::router`].
#[derive(Clone, Debug)]
pub struct App {
    /// What decides.
    pub engine: Arc<Engine>,
    /// Tells each request its time, once, when it is complete.
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
    /// The most request bodies awaited at once; further ones get 503.
    pub bodies: usize,
    /// How long a request body may take to arrive.
    pub body_timeout: Duration,
    /// The most bodies that may let us wait for more than a moment; further ones get 503 then.
    pub late_bodies: usize,
    /// The most of those from one network, so that nobody else's patience is spent: a /24, or a /48 of IPv6.
    pub late_bodies_of_network: usize,
    /// How user interfaces of others, and APIs, work with our sessions.
    pub headless: Headless,
    /// Whether mail reaches people, so that somebody who has forgotten their password can be sent a link.
    pub mail_reaches_people: bool,
    /// How long an answer may take.
    pub request_timeout: Duration,
    /// What the listener itself speaks.
    pub scheme: Scheme,
    /// When browsers send our cookies along with requests from other sites.
    pub same_site: SameSite,
    /// Routes of APIs that take account secrets, `METHOD URL` each, for developers to see.
    pub secret_routes: Vec<String>,
    /// Audiences of APIs, and an address of each at which people may try a new personal access token.
    pub try_at: Vec<(String, String)>,
    /// The most requests at work; further ones get 503 at once. Whose body is not there yet is not at work.
    pub requests: usize,
}

/// What a listener speaks; as an extension of a request, what its browser spoke to a proxy before us.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scheme {
    /// HTTP in the clear: on loopback, or behind a proxy that ends TLS.
    Http,
    /// HTTP over TLS; every answer tells browsers to stay with it (RFC 6797).
    Https,
}

/// Which requests from other sites bring our cookies along.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SameSite {
    /// Those that open a page.
    Lax,
    /// All bring the cookie for APIs along. The others are as with [`Self::Lax`].
    None,
    /// None.
    Strict,
}

/// How user interfaces of others, and APIs, work with our sessions.
#[derive(Clone, Debug)]
pub struct Headless {
    /// The origins whose pages may sign people in and read what they are answered, as browsers write them.
    pub origins: Vec<String>,
    /// The domain to whose hosts browsers send the cookie for APIs; `None`: to the issuer's host alone.
    pub cookie_domain: Option<String>,
    /// Below which path they send it.
    pub cookie_path: String,
}

impl Default for Headless {
    fn default() -> Self {
        Self { origins: Vec::new(), cookie_domain: None, cookie_path: "/".to_owned() }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            hosts: HostPolicy::default(),
            headless: Headless::default(),
            bodies: 16_384,
            body_timeout: Duration::from_secs(5),
            late_bodies: 2_048,
            late_bodies_of_network: 64,
            mail_reaches_people: true,
            request_timeout: Duration::from_secs(30),
            scheme: Scheme::Http,
            same_site: SameSite::Lax,
            secret_routes: Vec::new(),
            try_at: Vec::new(),
            requests: 2_048,
        }
    }
}

/// The state of the handlers.
pub(crate) struct State {
    pub(crate) engine: Arc<Engine>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) same_site: cookie::SameSite,
    pub(crate) api_cookie: ApiCookie,
    /// Origins whose pages may do with our sessions what our own may.
    pub(crate) headless_origins: Vec<String>,
    /// Routes of APIs that take account secrets.
    pub(crate) secret_routes: Vec<String>,
    /// Audiences of APIs, and where a new token is tried.
    pub(crate) try_at: Vec<(String, String)>,
    pub(crate) bodies: Bodies,
    pub(crate) hosts: HostPolicy,
    pub(crate) mail: bool,
    places: Arc<Semaphore>,
    pub(crate) readiness: Readiness,
    /// Both metadata documents never change while the server runs.
    pub(crate) authorization_server: Bytes,
    pub(crate) openid: Bytes,
}

impl State {
    pub(crate) fn new(app: &App, places: Arc<Semaphore>) -> Self {
        let mut metadata = app.engine.metadata().clone();
        metadata.ui_locales_supported = Language::ALL.map(|language| language.tag().to_owned()).into();
        Self {
            engine: Arc::clone(&app.engine),
            clock: Arc::clone(&app.clock),
            same_site: match app.settings.same_site {
                SameSite::Lax | SameSite::None => cookie::SameSite::Lax,
                SameSite::Strict => cookie::SameSite::Strict,
            },
            api_cookie: ApiCookie::new(&app.settings.headless, app.settings.same_site),
            headless_origins: app.settings.headless.origins.clone(),
            secret_routes: app.settings.secret_routes.clone(),
            try_at: app.settings.try_at.clone(),
            bodies: Bodies::new(&app.settings),
            hosts: app.settings.hosts.clone(),
            mail: app.settings.mail_reaches_people,
            places,
            readiness: Readiness::default(),
            authorization_server: metadata.authorization_server_json().into(),
            openid: metadata.openid_json().into(),
        }
    }

    /// Whether people may make accounts of their own: their addresses are proven by mail.
    pub(crate) fn offers_sign_up(&self) -> bool {
        self.mail && self.engine.takes_sign_ups()
    }

    /// A place among the requests at work, for one that gets it only now that its body is there.
    pub(crate) fn place(&self) -> Result<SemaphorePermit<'_>, Fault> {
        self.places.try_acquire().map_err(|_| Fault::Overloaded)
    }

    /// What the engine is told of a request. To be asked once the body is there: a secret may end while it arrives.
    pub(crate) fn context(&self, head: &Parts) -> Context {
        Context {
            now: self.clock.now(),
            request_id: head.extensions.get::<RequestId>().map_or("", RequestId::as_str).to_owned(),
            address: peer(head),
            browser: None,
            language: language::of_head(&head.extensions),
            from_browser: is_from_browser(&head.headers),
        }
    }
}

/// Whether a request says what only browsers say.
pub(crate) fn is_from_browser(headers: &HeaderMap) -> bool {
    headers.contains_key(ORIGIN) || headers.contains_key(SEC_FETCH_SITE)
}

/// Who sent the request.
pub(crate) fn peer(head: &Parts) -> Option<IpAddr> {
    head.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip())
}

/// The protection space that credentials are for: the issuer's host.
pub(crate) fn realm(issuer: &str) -> String {
    let uri: Option<Uri> = issuer.parse().ok();
    uri.as_ref().and_then(Uri::host).unwrap_or(issuer).to_owned()
}

/// The challenge to a client.
pub(crate) fn challenge(issuer: &str) -> HeaderValue {
    let challenge = Challenge::new(Auth::Basic).realm(realm(issuer)).to_string();
    HeaderValue::try_from(challenge).expect("a challenge consists of visible ASCII")
}

/// What a handler of a request without a body passes on to the engine.
pub(crate) struct Exchange(pub(crate) Context);

impl FromRequestParts<Arc<State>> for Exchange {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(head: &mut Parts, state: &Arc<State>) -> Result<Self, Self::Rejection> {
        Ok(Self(state.context(head)))
    }
}
