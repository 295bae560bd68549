//! Signing out because a client asks for it (OpenID Connect RP-Initiated Logout).
//!
//! 1. The client asks through the browser, perhaps from another site, without our cookies. Whom it means says an ID token
//!    of ours, also one that has expired; without one, or with one that is not ours, nothing is believed, and our own page
//!    asks the user (OUT-02, OUT-03).
//! 2. Where the browser goes afterwards is one of the addresses that this client has registered, exactly, or it is an
//!    error (OUT-01).
//! 3. What was asked is sealed and goes with the browser to our page, where our cookies are.
//! 4. There the session of the ID token ends without a question if it is this browser's. If there is none any more, there is
//!    nothing to end. If this browser's is another one, its user is asked (OUT-05).

use serde::{Deserialize, Serialize};
use tokenry_model::{Client, ClientId, SessionId};
use tokenry_protocol::end_session::Request;
use tokenry_protocol::error::ErrorCode;
use url::Url;

use crate::authorize::Named;
use crate::context::Context;
use crate::engine::Engine;
use crate::refusal::Refusal;
use crate::session::{Purpose, SignedInUser};

/// How long the browser may take from here to our page.
const LIFE: std::time::Duration = std::time::Duration::from_secs(600);

/// What was asked, as the browser carries it.
#[derive(Debug, Deserialize, Serialize)]
struct Asked {
    session: String,
    user: String,
    /// Where the browser goes afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    then: Option<String>,
}

/// What became of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum EndSession {
    /// The user has to be asked.
    Ask,
    /// Nobody is signed in any more by the session that was meant. The browser goes there; `None`: it stays here.
    Ended(Option<String>),
}

impl Engine {
    /// Judges what a client asks for: steps 1 to 3. `None`: all that is left of it is to ask the user.
    ///
    /// # Errors
    /// `invalid_request` where the browser would have to go to an address that the client has not registered, or the
    /// ID token is another client's.
    pub async fn begin_end_session(
        &self,
        request: &Request,
        context: &Context,
    ) -> Result<Option<String>, Refusal> {
        let Some(hint) = &request.id_token_hint else { return Ok(None) };
        let Some(named) = self.named_by_id_token(hint, context.now).await? else { return Ok(None) };
        if request.client_id.as_ref().is_some_and(|id| *id != named.client.as_str()) {
            let text = "The id_token_hint was issued to another client.";
            return Err(Refusal::new(ErrorCode::InvalidRequest, "hint_of_another_client", text));
        }
        let then = self.address_after(&named.client, request).await?;
        let Named { user, session: Some(session), .. } = named else { return Ok(None) };
        let asked = Asked { session, user: user.to_string(), then };
        let sealed = self.seal(Purpose::EndSession, &asked, context.now.plus(LIFE), context.now);
        sealed.map(Some).map_err(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a request to sign out cannot be sealed"
            );
            Refusal::new(ErrorCode::InvalidRequest, "request_too_long", "The request is too long.")
        })
    }

    /// Step 2.
    async fn address_after(&self, client: &ClientId, request: &Request) -> Result<Option<String>, Refusal> {
        let Some(uri) = &request.post_logout_redirect_uri else { return Ok(None) };
        let client = self.store.find_client(client).await?;
        let registered = |client: &Client| client.post_logout_redirect_uris.contains(uri);
        let Some(mut url) = client.filter(registered).and_then(|_client| Url::parse(uri).ok()) else {
            let text = "This post_logout_redirect_uri is not registered for the application.";
            return Err(Refusal::new(ErrorCode::InvalidRequest, "post_logout_redirect_uri_unknown", text));
        };
        if let Some(state) = &request.state {
            url.query_pairs_mut().append_pair("state", state);
            return Ok(Some(url.into()));
        }
        Ok(Some(uri.clone()))
    }

    /// Does what a client asked for, in the browser of `current`: step 4.
    ///
    /// # Errors
    /// When the database fails; then nothing has ended.
    pub async fn finish_end_session(
        &self,
        sealed: &str,
        current: Option<&SignedInUser>,
        context: &Context,
    ) -> Result<EndSession, Refusal> {
        let Some(asked) = self.unseal::<Asked>(Purpose::EndSession, sealed, context.now) else {
            return Ok(EndSession::Ask);
        };
        match current {
            Some(current) if current.session().id.as_str() == asked.session => {
                self.end_session(current, context).await?;
                Ok(EndSession::Ended(asked.then))
            }
            Some(_other) => Ok(EndSession::Ask),
            None if self.is_over(&asked, context).await? => Ok(EndSession::Ended(asked.then)),
            None => Ok(EndSession::Ask),
        }
    }

    /// Whether the session that is meant lives nowhere.
    async fn is_over(&self, asked: &Asked, context: &Context) -> Result<bool, Refusal> {
        let (Ok(user), Ok(session)) =
            (tokenry_model::UserId::parse(&asked.user), SessionId::parse(&asked.session))
        else {
            return Ok(true);
        };
        let living = self.sessions_of(&user, context.now).await?;
        Ok(living.iter().all(|it| it.id != session))
    }
}
