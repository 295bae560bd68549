//! What an operator sets and the engine acts on.

use std::time::Duration;

use tokenry_jose::Algorithm;
use tokenry_model::{ErrorStyle, MintQuota};
use tokenry_protocol::claims::Namespace;
use tokenry_protocol::secret::Brand;

use crate::keys::Schedule;
use crate::policy::limits::GuessLimits;

/// What an operator sets and the engine acts on.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The issuer identifier, used verbatim in `iss` (RFC 8414 §2).
    pub issuer: String,
    /// The claim under which tokens carry `companyId` (R12).
    pub namespace: Namespace,
    /// How long access tokens live unless the API or the client says otherwise.
    pub access_token_ttl: Duration,
    /// How long access tokens live that a user let a client have, unless the API or the client wants them shorter.
    pub user_access_token_ttl: Duration,
    /// How long a refresh token lives that is not used.
    pub refresh_idle_ttl: Duration,
    /// How long an authorization can be refreshed, however much it is used.
    pub refresh_ttl: Duration,
    /// For how long a spent refresh token gives the same successor again, while that is unused.
    pub refresh_grace: Duration,
    /// How long a personal access token may live at the most.
    pub pat_max_ttl: Duration,
    /// What access tokens are signed with unless the API says otherwise.
    pub signing_alg: Algorithm,
    /// When signing keys move on by themselves.
    pub keys: Schedule,
    /// How long people stay signed in.
    pub sessions: SessionSettings,
    /// How refusals look to whom this server does not know.
    pub error_style: ErrorStyle,
    /// What our secrets begin with.
    pub brand: Brand,
    /// Whether account secrets can be seen again.
    pub reveal: Reveal,
    /// How long audit records are kept after they were sealed; `None`: for ever.
    pub audit_keep: Option<Duration>,
    /// How often somebody may fail to authenticate.
    pub limits: GuessLimits,
    /// How many tokens a client may get, unless it says otherwise itself.
    pub quota: MintQuota,
    /// Where GitHub publishes the keys of its reports of leaked credentials; `None`: those are not taken.
    pub github_keys: Option<String>,
    /// Whether people may make accounts of their own.
    pub sign_up: bool,
    /// How long somebody who has deleted their account may take that back; `None`: people do not delete theirs.
    pub deletion_grace: Option<Duration>,
}

/// Whether the secret of a developer's account can be seen again by whoever has just shown that they are its owner (A15).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Reveal {
    /// It is shown once, when it is made, and only its digest is kept.
    Once,
    /// It can, and is kept sealed.
    #[default]
    Reauth,
}

/// How long people stay signed in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SessionSettings {
    /// How long a session lives without being used.
    pub idle_ttl: Duration,
    /// How long it lives, however much it is used.
    pub ttl: Duration,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self { idle_ttl: Duration::from_secs(12 * 3_600), ttl: Duration::from_secs(30 * 86_400) }
    }
}
