//! Who is signed in in this browser: their tokens stay here, and the browser has a random cookie.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use http::request::Parts;
use openidconnect::core::CoreTokenResponse;
use openidconnect::{OAuth2TokenResponse as _, TokenResponse as _};
use serde::{Deserialize, Serialize};
use tower_sessions::Session;
use web_app::{Problem, Tokens, now};

use crate::App;
use crate::logout::Origin;

const KEY: &str = "signed_in";

/// A user who is signed in, with an access token that works for a while.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct SignedIn {
    pub(crate) name: String,
    pub(crate) id_token: String,
    pub(crate) tokens: Tokens,
    origin: Origin,
    /// Since when, in seconds since 1970.
    since: i64,
}

impl SignedIn {
    pub(crate) fn new(name: String, id_token: String, origin: Origin, response: &CoreTokenResponse) -> Self {
        Self { name, id_token, tokens: tokens(response), origin, since: now() }
    }

    /// Begins the session, under a new id: one that somebody planted in the browser is worth nothing.
    pub(crate) async fn begin(&self, session: &Session) -> Result<(), Problem> {
        session.cycle_id().await?;
        Ok(session.insert(KEY, self).await?)
    }

    /// Whoever is signed in, with fresh tokens; nobody, once they can be renewed no more.
    async fn load(session: &Session, app: &App) -> Result<Option<Self>, Problem> {
        match session.get::<Self>(KEY).await? {
            Some(known) if app.ended.has(&known.origin, known.since) => {
                session.flush().await?;
                Ok(None)
            }
            Some(known) if !known.tokens.are_fresh(now()) => known.renew(session, app).await,
            known => Ok(known),
        }
    }

    /// The same user with other tokens; nobody, and the session over, where they can be renewed no more.
    pub(crate) async fn renew(self, session: &Session, app: &App) -> Result<Option<Self>, Problem> {
        let Some(refresh_token) = self.tokens.refresh_token.clone() else {
            session.flush().await?;
            return Ok(None);
        };
        match app.provider.renew(refresh_token).await {
            Ok(Some(response)) => {
                let renewed = self.renewed(&response);
                session.insert(KEY, &renewed).await?;
                Ok(Some(renewed))
            }
            Ok(None) => {
                tracing::info!("signed out: somebody has taken the authorization back, or it is over");
                session.flush().await?;
                Ok(None)
            }
            // A server that is away for a moment signs nobody out.
            Err(error) => {
                tracing::warn!("{error:#}");
                Err(Problem::unexpected())
            }
        }
    }

    /// Takes the tokens of a renewal; an ID token comes with it or not.
    fn renewed(self, response: &CoreTokenResponse) -> Self {
        let id_token = response.id_token().map_or(self.id_token, ToString::to_string);
        Self { id_token, tokens: tokens(response).after(self.tokens), ..self }
    }
}

fn tokens(response: &CoreTokenResponse) -> Tokens {
    let refresh_token = response.refresh_token().map(|token| token.secret().as_str());
    Tokens::new(response.access_token().secret(), refresh_token, response.expires_in(), now())
}

/// Whoever is signed in, if anybody.
pub(crate) struct Visitor(pub(crate) Option<SignedIn>);

impl<S> FromRequestParts<S> for Visitor
where
    S: Send + Sync,
    Arc<App>: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let session = Session::from_request_parts(parts, state).await.map_err(|_| Problem::unexpected())?;
        SignedIn::load(&session, &Arc::from_ref(state)).await.map(Self)
    }
}

impl<S> FromRequestParts<S> for SignedIn
where
    S: Send + Sync,
    Arc<App>: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Visitor(visitor) = Visitor::from_request_parts(parts, state).await?;
        visitor.ok_or_else(Problem::signed_out)
    }
}
