//! The token source: who gets which token, and who mints it.

use std::fmt::{self, Debug, Formatter};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokenry_clock::Clock;
use tokenry_protocol::Secret;
use tokio::sync::watch;

use crate::access_token::AccessToken;
use crate::authorized::Authorized;
use crate::builder::Builder;
use crate::error::{Error, ErrorKind};
use crate::mint::Endpoint;
use crate::schedule::Jitter;
use crate::state::{Flight, State, Step};

/// Mints, keeps and renews the access tokens of one client for one API; clones share them.
#[derive(Clone)]
pub struct TokenSource(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) endpoint: Endpoint,
    pub(crate) jitter: Jitter,
    pub(crate) state: Mutex<State>,
}

impl TokenSource {
    /// A source of tokens from the authorization server `issuer` for the client `client_id`.
    ///
    /// The token endpoint is `<issuer>/oauth/token` unless [`Builder::token_endpoint`] names another.
    pub fn builder(
        issuer: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: Secret,
    ) -> Builder {
        Builder::new(issuer.into(), client_id.into(), client_secret)
    }

    pub(crate) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// A token that is valid now.
    ///
    /// Usually answers from memory. Without a valid token it waits for the one request that is under way for
    /// everybody; dropping the future does not cancel that request.
    ///
    /// # Errors
    /// There is no valid token and the authorization server gave none; [`Error::retry_after`] says when the
    /// source will ask again, until then it answers the same.
    pub async fn token(&self) -> Result<AccessToken, Error> {
        let step = self.0.state().next(self.0.clock.now(), || Inner::launch(&self.0));
        match step {
            Step::Fail(error) => Err(error),
            Step::Join(mut flight) => match flight.wait_for(Option::is_some).await {
                Ok(landed) => landed.clone().unwrap_or_else(|| Err(Error::new(ErrorKind::Interrupted))),
                Err(_) => Err(Error::new(ErrorKind::Interrupted)),
            },
            Step::Serve(token) => Ok(token),
        }
    }

    /// Says that an API refused `token` although it has not expired: the next caller gets a new one.
    ///
    /// Only the current token is dropped, so that many callers who saw the same one refused cause one
    /// renewal. A token minted for this reason stays for 30 seconds at least: an API that refuses every token
    /// cannot make the source mint one for each request.
    pub fn invalidate(&self, token: &AccessToken) {
        self.0.state().invalidate(token, self.0.clock.now());
    }

    /// Sends `request` with a token, once more with a fresh one if the API answers 401.
    pub fn authorize(&self, request: reqwest::RequestBuilder) -> Authorized<'_> {
        Authorized::new(self, request)
    }
}

impl Debug for TokenSource {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSource").field("endpoint", &self.0.endpoint).finish_non_exhaustive()
    }
}

impl Inner {
    /// Starts minting in a task of its own, so that no caller's cancellation takes the token from the others.
    fn launch(self: &Arc<Self>) -> Flight {
        let (landed, flight) = watch::channel(None);
        let inner = Arc::clone(self);
        tokio::spawn(async move {
            let sent_at = inner.clock.now();
            let answer = inner.endpoint.mint(&*inner.clock).await;
            inner.endpoint.report(&answer);
            let outcome = inner.state().land(answer, sent_at, inner.clock.now(), &inner.jitter);
            landed.send_replace(Some(outcome));
        });
        flight
    }

    /// The state is whole after every statement that changes it, so a panic elsewhere under the lock spoils
    /// nothing.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
