//! Signing out because a client asks for it (OpenID Connect RP-Initiated Logout).
//!
//! 1. The client asks through the browser, perhaps from another site, without our cookies. Whom it means says an ID token
//!    of ours, also one that has expired. One that is not ours makes the rest unbelievable too, and our own page asks the
//!    user (OUT-03). Without one the client may name itself, and the user is asked (OUT-02).
//! 2. Where the browser goes afterwards is one of the addresses that this client has registered, exactly, or it is an
//!    error (OUT-01). What has been taken back since leads nowhere: it is looked up anew at each step.
//! 3. What was asked is sealed and goes with the browser to our page, where our cookies are.
//! 4. There the session of the ID token ends without a question if it is this browser's. If there is none any more, what
//!    it has left behind at this client ends.
//! 5. If this browser's session is another one, or no ID token was shown, its user is asked, and goes where the client
//!    wanted only after saying yes (OUT-05, §3).

use serde::{Deserialize, Serialize};
use tokenry_jose::{base64url, sha256};
use tokenry_model::{Actor, Client, ClientId, ClientState, Event, SessionId, Subject, UserId};
use tokenry_protocol::end_session::Request;
use tokenry_protocol::error::ErrorCode;
use url::Url;

use crate::authorize::Named;
use crate::context::Context;
use crate::engine::Engine;
use crate::policy::redirect_uri::form_target;
use crate::refusal::Refusal;
use crate::session::{Purpose, SealError, SignedInUser};

/// How long the browser may take from here to our page.
const LIFE: std::time::Duration = std::time::Duration::from_secs(600);

/// What was asked, as the browser carries it.
#[derive(Debug, Deserialize, Serialize)]
struct Asked {
    /// Who asks.
    client: String,
    /// Which session is meant: what an ID token said.
    #[serde(skip_serializing_if = "Option::is_none")]
    meant: Option<Meant>,
    /// Where the browser goes afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<After>,
    /// Which languages the user reads, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ui_locales: Vec<String>,
}

/// Where the browser goes afterwards, as the client has registered it.
#[derive(Debug, Deserialize, Serialize)]
struct After {
    /// By its digest: it is looked up again before anybody goes there, and browsers do not carry every length.
    uri: String,
    /// What it is to take along, as it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Meant {
    session: String,
    user: String,
}

/// What became of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum EndSession {
    /// The user has to be asked. `None`: nobody knows who wants it.
    Ask(Option<SignOutQuestion>),
    /// Nobody is signed in any more by the session that was meant. The browser goes there; `None`: it stays here.
    Ended(Option<String>),
}

/// What the user is told before signing out because an application wants it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignOutQuestion {
    /// The application.
    pub app: String,
    /// Where the browser goes afterwards; `None`: it stays here.
    pub then: Option<String>,
    /// What the page's policy must name for its form to lead there.
    pub form_target: Option<String>,
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
        let asked = match (&request.id_token_hint, &request.client_id) {
            (Some(hint), client_id) => {
                let Some(named) = self.named_by_id_token(hint, context.now).await? else { return Ok(None) };
                if client_id.as_ref().is_some_and(|id| *id != named.client.as_str()) {
                    let text = "The id_token_hint was issued to another client.";
                    return Err(Refusal::new(ErrorCode::InvalidRequest, "hint_of_another_client", text));
                }
                let Named { client, user, session } = named;
                let client = self.leading_client(&client).await?;
                let meant = session.map(|session| Meant { session, user: user.to_string() });
                asked_by(client, meant, request)?
            }
            (None, Some(client_id)) => {
                let client = match ClientId::parse(client_id) {
                    Ok(id) => self.leading_client(&id).await?,
                    Err(_none_of_ours) => None,
                };
                asked_by(client, None, request)?
            }
            (None, None) => None,
        };
        let Some(mut asked) = asked else { return Ok(None) };
        let seal = |asked: &Asked| self.seal(Purpose::EndSession, asked, context.now.plus(LIFE), context.now);
        let mut sealed = seal(&asked);
        if matches!(sealed, Err(SealError::TooLong)) {
            // What users read must not decide whether they may be signed out.
            asked.ui_locales.clear();
            sealed = seal(&asked);
        }
        sealed.map(Some).map_err(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a request to sign out cannot be sealed"
            );
            Refusal::new(ErrorCode::InvalidRequest, "request_too_long", "The request is too long.")
        })
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
            return Ok(EndSession::Ask(None));
        };
        match (current, &asked.meant) {
            (Some(current), Some(meant)) if current.session().id.as_str() == meant.session => {
                let then = self.then(&asked).await?;
                self.end_session(current, context).await?;
                Ok(EndSession::Ended(then))
            }
            (None, Some(meant)) if self.is_over(meant, context).await? => {
                let then = self.then(&asked).await?;
                self.end_what_is_left(&asked.client, meant, context).await?;
                Ok(EndSession::Ended(then))
            }
            _ => self.question(asked).await.map(EndSession::Ask),
        }
    }

    /// Which languages the user reads, best first, as the client says that asks. None, where nobody asked.
    #[must_use]
    pub fn languages_of_end_session(&self, sealed: &str, context: &Context) -> Vec<String> {
        let asked = self.unseal::<Asked>(Purpose::EndSession, sealed, context.now);
        asked.map(|asked| asked.ui_locales).unwrap_or_default()
    }

    /// Signs a user out who was asked and said yes, and says where the browser goes: step 5.
    ///
    /// # Errors
    /// When the database fails; then nothing has ended.
    pub async fn confirm_end_session(
        &self,
        sealed: Option<&str>,
        current: &SignedInUser,
        context: &Context,
    ) -> Result<Option<String>, Refusal> {
        let asked = sealed.and_then(|it| self.unseal::<Asked>(Purpose::EndSession, it, context.now));
        let then = match &asked {
            Some(asked) => self.then(asked).await?,
            None => None,
        };
        self.end_session(current, context).await?;
        Ok(then)
    }

    /// Where the browser goes now, if that client still has that address.
    async fn then(&self, asked: &Asked) -> Result<Option<String>, Refusal> {
        Ok(self.client_of(asked).await?.and_then(|client| asked.after.as_ref()?.at(&client)))
    }

    async fn client_of(&self, asked: &Asked) -> Result<Option<Client>, Refusal> {
        match ClientId::parse(&asked.client) {
            Ok(id) => self.leading_client(&id).await,
            Err(_none_of_ours) => Ok(None),
        }
    }

    /// The client of that id, if it may act: nobody is led to another, or told its name.
    async fn leading_client(&self, id: &ClientId) -> Result<Option<Client>, Refusal> {
        let client = self.store.find_client(id).await?;
        Ok(client.filter(|client| client.state == ClientState::Enabled))
    }

    async fn question(&self, asked: Asked) -> Result<Option<SignOutQuestion>, Refusal> {
        let Some(client) = self.client_of(&asked).await? else { return Ok(None) };
        let then = asked.after.and_then(|after| after.at(&client));
        let form_target = then.as_deref().and_then(form_target);
        Ok(Some(SignOutQuestion { app: client.name, then, form_target }))
    }

    /// Whether the session that is meant lives nowhere.
    async fn is_over(&self, meant: &Meant, context: &Context) -> Result<bool, Refusal> {
        let (Ok(user), Ok(session)) = (UserId::parse(&meant.user), SessionId::parse(&meant.session)) else {
            return Ok(true);
        };
        let living = self.sessions_of(&user, context.now).await?;
        Ok(living.iter().all(|it| it.id != session))
    }

    /// Ends what a session that is over has left behind at the client that was given the ID token. An ID token is no
    /// credential, and nobody here has shown to be its user: whoever has one ends nothing of another client's.
    async fn end_what_is_left(&self, client: &str, meant: &Meant, context: &Context) -> Result<(), Refusal> {
        let (Ok(client), Ok(session)) = (ClientId::parse(client), SessionId::parse(&meant.session)) else {
            return Ok(());
        };
        let subject = Some(Subject::Session(session.clone()));
        let record = context.record(Event::SessionEnded, Actor::Anonymous, subject);
        let record = record.with("user", meant.user.as_str()).with("hint_of", client.as_str());
        self.store.end_session_at_client(&session, &client, context.now, &[record]).await?;
        self.feed.wake();
        Ok(())
    }
}

impl After {
    /// The address with what it takes along; `None`: the client has not registered it, or not any more.
    fn at(&self, client: &Client) -> Option<String> {
        let uri = client.post_logout_redirect_uris.iter().find(|uri| name_of(uri) == self.uri)?;
        let Some(state) = &self.state else { return Some(uri.clone()) };
        let mut url = Url::parse(uri).ok()?;
        url.query_pairs_mut().append_pair("state", state);
        Some(url.into())
    }
}

/// Step 2. `None`: there is no such client, and it wants nothing that only a client can want.
fn asked_by(
    client: Option<Client>,
    meant: Option<Meant>,
    request: &Request,
) -> Result<Option<Asked>, Refusal> {
    let after = match &request.post_logout_redirect_uri {
        Some(uri) => Some(after(client.as_ref(), uri, request.state.as_deref())?),
        None => None,
    };
    let ui_locales = request.ui_locales.clone();
    Ok(client.map(|client| Asked { client: client.id.to_string(), meant, after, ui_locales }))
}

fn after(client: Option<&Client>, uri: &str, state: Option<&str>) -> Result<After, Refusal> {
    let after = After { uri: name_of(uri), state: state.map(str::to_owned) };
    if client.is_some_and(|client| after.at(client).is_some()) {
        return Ok(after);
    }
    let text = "This post_logout_redirect_uri is not registered for the application.";
    Err(Refusal::new(ErrorCode::InvalidRequest, "post_logout_redirect_uri_unknown", text))
}

fn name_of(uri: &str) -> String {
    base64url::encode(&sha256(uri.as_bytes()))
}
