//! A pending authorization request as browsers carry it for us: sealed, so that nobody reads or changes it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokenry_clock::Timestamp;
use tokenry_model::random_base62;
use tokenry_protocol::authorize::{CodeChallenge, Prompt, Recipient, ResponseMode};
use tokenry_protocol::error::ErrorCode;
use tokenry_protocol::scope::Scope;
use tokenry_store::PendingRequest;

use super::page::AwaitedSignIn;
use crate::context::Context;
use crate::engine::Engine;
use crate::policy::redirect_uri::form_target;
use crate::refusal::Refusal;
use crate::session::{Purpose, SealError};

/// How long a user may take to sign in and agree.
pub const FLOW_TTL: Duration = Duration::from_secs(3_600);
/// 22 characters of base62 are 131 bits.
const ID_LEN: usize = 22;

/// A pending authorization request: well formed, from a client that exists, to a redirect URI that is its own.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Flow {
    /// One request has one code, or one denial. Any other answer it may have again.
    id: String,
    /// When it came, in milliseconds: who signed in since then has done so for it.
    began_at: i64,
    /// When it ends, in milliseconds.
    ends_at: i64,
    pub(crate) client_id: String,
    /// The client's name as of then, so that pages before sign-in need not ask for it.
    #[serde(default)]
    pub(crate) app: String,
    pub(crate) redirect_uri: String,
    pub(crate) mode: ResponseMode,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) nonce: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code_challenge: Option<CodeChallenge>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scope: Option<Scope>,
    /// The API, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) audience: Option<String>,
    #[serde(default)]
    pub(crate) prompt: Prompt,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_age: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) login_hint: Option<String>,
    /// Which languages the user reads, best first, as the client says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) ui_locales: Vec<String>,
    /// The user that an ID token named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hinted: Option<Hinted>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) claims: Map<String, Value>,
    /// The company that the user picked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) company: Option<String>,
    /// What the user is being asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) asked: Option<Asked>,
}

/// Whom an `id_token_hint` named.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum Hinted {
    /// This user.
    User(String),
    /// Nobody of ours, or so badly that it cannot be told whom.
    Nobody,
}

/// What a user was shown when they were asked to consent. The answer counts for this alone.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Asked {
    pub(crate) user: String,
    pub(crate) session: String,
    /// A client that was changed since is another one to whom it was shown.
    pub(crate) client_version: i64,
    pub(crate) company: Option<String>,
    /// Where it would be for all companies of one.
    pub(crate) corporation: Option<String>,
    pub(crate) api_scope: Scope,
    pub(crate) own_scope: Scope,
}

impl Flow {
    /// A request of which no more is known than where an answer would go.
    pub(super) fn to(recipient: &Recipient, app: &str, id: String, now: Timestamp) -> Self {
        Self {
            id,
            began_at: now.as_millis(),
            ends_at: now.plus(FLOW_TTL).as_millis(),
            client_id: recipient.client_id.clone(),
            app: app.to_owned(),
            redirect_uri: recipient.redirect_uri.clone(),
            mode: recipient.mode,
            state: recipient.state.clone(),
            nonce: None,
            code_challenge: None,
            scope: None,
            audience: None,
            prompt: Prompt::default(),
            max_age: None,
            login_hint: None,
            ui_locales: Vec::new(),
            hinted: None,
            claims: Map::new(),
            company: None,
            asked: None,
        }
    }

    /// What of it is remembered once it has been answered.
    pub(super) fn pending(&self) -> PendingRequest {
        PendingRequest { id: self.id.clone(), ends_at: Timestamp::from_millis(self.ends_at) }
    }

    pub(super) const fn began_at(&self) -> Timestamp {
        Timestamp::from_millis(self.began_at)
    }
}

impl Engine {
    pub(super) fn new_flow(&self, recipient: &Recipient, app: &str, now: Timestamp) -> Flow {
        Flow::to(recipient, app, random_base62(&*self.rng, ID_LEN), now)
    }

    /// Seals a pending request.
    ///
    /// # Errors
    /// `invalid_request` when it is longer than browsers carry.
    pub(super) fn seal_flow(&self, flow: &Flow, now: Timestamp) -> Result<String, Refusal> {
        let end = Timestamp::from_millis(flow.ends_at);
        let mut sealed = self.seal(Purpose::Flow, flow, end, now);
        if matches!(sealed, Err(SealError::TooLong)) {
            // What the application is called, and what its users read, must not decide whether it may ask.
            let shorter = Flow { app: String::new(), ui_locales: Vec::new(), ..flow.clone() };
            sealed = self.seal(Purpose::Flow, &shorter, end, now);
        }
        sealed.map_err(|error| match error {
            SealError::NoKey => Refusal::unavailable("no_session_key"),
            SealError::TooLong => {
                let text = "The authorization request is too long.";
                Refusal::new(ErrorCode::InvalidRequest, "request_too_long", text)
            }
        })
    }

    /// Opens a pending request.
    ///
    /// # Errors
    /// When it is none of ours, was changed, or is too old: all of them look alike.
    pub(super) fn open_flow(&self, sealed: &str, context: &Context) -> Result<Flow, Refusal> {
        self.unseal(Purpose::Flow, sealed, context.now).ok_or_else(|| {
            let text = "This request is too old or incomplete. Go back to the application and start again.";
            Refusal::new(ErrorCode::InvalidRequest, "flow_invalid", text)
        })
    }

    /// Which languages the user of a pending request reads, best first, as its client says. None, where there is no request.
    #[must_use]
    pub fn languages_of_flow(&self, sealed: &str, context: &Context) -> Vec<String> {
        self.open_flow(sealed, context).map(|flow| flow.ui_locales).unwrap_or_default()
    }

    /// What the pages of a sign-in say of the pending request that it is for.
    ///
    /// # Errors
    /// When it is none of ours, was changed, or is too old.
    pub fn awaited_sign_in(&self, sealed: &str, context: &Context) -> Result<AwaitedSignIn, Refusal> {
        let flow = self.open_flow(sealed, context)?;
        Ok(AwaitedSignIn {
            app: flow.app,
            chooses_account: flow.prompt.select_account,
            form_target: form_target(&flow.redirect_uri),
            login_hint: flow.login_hint,
            theme: self.theme(Some(&flow.client_id)),
        })
    }
}
