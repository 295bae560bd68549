//! Signing in and out: to the authorization server, back, and away.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Redirect;
use openidconnect::core::{CoreIdToken, CoreIdTokenClaims};
use openidconnect::{CsrfToken, Nonce, PkceCodeVerifier};
use serde::{Deserialize, Serialize};
use tokenry_jose::{base64url, json};
use tower_sessions::Session;
use web_app::Problem;

use crate::App;
use crate::logout::Origin;
use crate::session::{SignedIn, Visitor};

const KEY: &str = "departure";

/// What is kept while the browser is away.
#[derive(Deserialize, Serialize)]
struct Pending {
    state: CsrfToken,
    nonce: Nonce,
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
    let departure = app.provider.depart().await?;
    let pending = Pending { state: departure.state, nonce: departure.nonce, verifier: departure.verifier };
    session.insert(KEY, pending).await?;
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
        return Err(Problem::bad_answer(
            "This sign-in was not begun in this browser, or was finished already.",
        ));
    };
    if answer.iss.as_deref() != Some(app.provider.issuer()) {
        return Err(Problem::bad_answer("The answer comes from another authorization server."));
    }
    if let Some(error) = answer.error {
        return Err(Problem::refused(&error, answer.error_description.as_deref()));
    }
    let Some(code) = answer.code else {
        return Err(Problem::bad_answer("The answer has neither a code nor an error."));
    };
    let (response, id_token, claims) = app.provider.arrive(code, pending.verifier, &pending.nonce).await?;
    let id_token = id_token.to_string();
    let origin = Origin { sub: claims.subject().to_string(), sid: sid(&id_token) };
    let signed_in = SignedIn::new(name(&claims), id_token, origin, &response);
    signed_in.begin(&session).await?;
    Ok(Redirect::to("/"))
}

pub(crate) async fn end(
    State(app): State<Arc<App>>,
    Visitor(visitor): Visitor,
    session: Session,
) -> Result<Redirect, Problem> {
    session.flush().await?;
    let id_token = visitor.and_then(|it| it.id_token.parse::<CoreIdToken>().ok());
    let elsewhere = match id_token {
        Some(id_token) => app.provider.sign_out_url(&id_token).await?,
        None => None,
    };
    Ok(elsewhere.map_or_else(|| Redirect::to("/"), |url| Redirect::to(url.as_str())))
}

/// The session at the authorization server, which the library has no member for. The ID token was checked before.
fn sid(id_token: &str) -> Option<String> {
    let payload = base64url::decode(id_token.split('.').nth(1)?).ok()?;
    let claims = json::object(&payload).ok()?;
    claims.get("sid")?.as_str().map(str::to_owned)
}

fn name(claims: &CoreIdTokenClaims) -> String {
    let name = claims.name().and_then(|name| name.get(None)).map(|name| name.to_string());
    name.unwrap_or_else(|| claims.subject().to_string())
}
