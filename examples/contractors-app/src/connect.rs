//! Asking the user, hearing the answer, and giving back what was allowed.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Redirect;
use oauth2::{CsrfToken, PkceCodeVerifier};
use serde::{Deserialize, Serialize};
use tower_sessions::Session;
use web_app::Problem;

use crate::App;
use crate::session::{self, Connection};

const KEY: &str = "departure";

/// What is kept while the browser is away.
#[derive(Deserialize, Serialize)]
struct Pending {
    state: CsrfToken,
    verifier: PkceCodeVerifier,
}

/// What the browser brings back (RFC 6749 §4.1.2, RFC 9207).
#[derive(Deserialize)]
pub(crate) struct Answer {
    code: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
    iss: Option<String>,
    state: Option<String>,
}

pub(crate) async fn begin(State(app): State<Arc<App>>, session: Session) -> Result<Redirect, Problem> {
    let departure = app.server.depart().await?;
    session.insert(KEY, Pending { state: departure.state, verifier: departure.verifier }).await?;
    Ok(Redirect::to(departure.url.as_str()))
}

/// State first: an answer that this browser did not ask for is nobody's (RFC 9700 §4.7). Then the issuer, so that one
/// server's code is not sent to another (RFC 9207 §2.4).
pub(crate) async fn callback(
    State(app): State<Arc<App>>,
    session: Session,
    Query(answer): Query<Answer>,
) -> Result<Redirect, Problem> {
    let pending = session.remove::<Pending>(KEY).await?;
    let Some(pending) = pending.filter(|it| answer.state.as_ref() == Some(it.state.secret())) else {
        return Err(Problem::bad_answer("This was not asked in this browser, or was answered already."));
    };
    if answer.iss.as_deref() != Some(app.server.issuer()) {
        return Err(Problem::bad_answer("The answer comes from another authorization server."));
    }
    if let Some(error) = answer.error {
        return Err(Problem::refused(&error, answer.error_description.as_deref()));
    }
    let Some(code) = answer.code else {
        return Err(Problem::bad_answer("The answer has neither a code nor an error."));
    };
    let response = app.server.redeem(code, pending.verifier).await?;
    session::begin(&session, &response).await?;
    Ok(Redirect::to("/"))
}

pub(crate) async fn end(
    State(app): State<Arc<App>>,
    Connection(connection): Connection,
    session: Session,
) -> Result<Redirect, Problem> {
    // First there, so that who does not succeed can try again.
    if let Some(refresh_token) = connection.and_then(|tokens| tokens.refresh_token) {
        app.server.revoke(refresh_token).await?;
    }
    session.flush().await?;
    Ok(Redirect::to("/"))
}
