//! What the user of this browser has let us do: the tokens stay here, and the browser has a random cookie.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use http::request::Parts;
use oauth2::TokenResponse as _;
use oauth2::basic::BasicTokenResponse;
use tower_sessions::Session;
use web_app::{Problem, Tokens, now};

use crate::App;

const KEY: &str = "tokens";

/// The tokens of this browser's user, fresh; `None` if there are none, or they can be renewed no more.
pub(crate) struct Connection(pub(crate) Option<Tokens>);

pub(crate) async fn begin(session: &Session, response: &BasicTokenResponse) -> Result<(), Problem> {
    session.cycle_id().await?;
    Ok(session.insert(KEY, tokens(response)).await?)
}

async fn load(session: &Session, app: &App) -> Result<Option<Tokens>, Problem> {
    match session.get::<Tokens>(KEY).await? {
        Some(known) if !known.are_fresh(now()) => renew(session, app, known).await,
        known => Ok(known),
    }
}

/// Other tokens in the place of these; `None`, and the session over, where they can be renewed no more.
pub(crate) async fn renew(session: &Session, app: &App, known: Tokens) -> Result<Option<Tokens>, Problem> {
    let Some(refresh_token) = known.refresh_token.clone() else {
        session.flush().await?;
        return Ok(None);
    };
    match app.server.renew(refresh_token).await {
        Ok(Some(response)) => {
            let renewed = tokens(&response).after(known);
            session.insert(KEY, &renewed).await?;
            Ok(Some(renewed))
        }
        Ok(None) => {
            tracing::info!("disconnected: the user has taken the authorization back, or it is over");
            session.flush().await?;
            Ok(None)
        }
        // A server that is away for a moment disconnects nobody.
        Err(error) => {
            tracing::warn!("{error:#}");
            Err(Problem::unexpected())
        }
    }
}

fn tokens(response: &BasicTokenResponse) -> Tokens {
    let refresh_token = response.refresh_token().map(|token| token.secret().as_str());
    Tokens::new(response.access_token().secret(), refresh_token, response.expires_in(), now())
}

impl<S> FromRequestParts<S> for Connection
where
    S: Send + Sync,
    Arc<App>: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let session = Session::from_request_parts(parts, state).await.map_err(|_| Problem::unexpected())?;
        load(&session, &Arc::from_ref(state)).await.map(Self)
    }
}
