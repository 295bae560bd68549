//! A copy of what is kept of one user, for that user: `docs/reference/account-export.md` says what is in it. No secret is, and
//! no digest of one; of others nothing but the names of companies and applications.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};
use thiserror::Error;
use tokenry_clock::Timestamp;
use tokenry_model::{Actor, Consent, Event, Membership, Session, Subject, User};
use tokenry_store::Exported;

use super::events::{AccountEvent, By};
use crate::context::Context;
use crate::engine::Engine;
use crate::own::{OwnPat, OwnSecretValue, PatState};
use crate::refusal::Refusal;
use crate::session::FreshUser;

/// What the form of the document is called. Another form has another name.
const FORMAT: &str = "tokenry-account-export/1";
/// How many events it has at the most.
const MAX_EVENTS: usize = 5_000;

/// How many downloads somebody may have in so long: each reads all that there is of them.
const MOST: (i64, Duration) = (6, Duration::from_secs(3_600));

/// Nothing was exported.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The server cannot answer.
    #[error("the server cannot answer")]
    Failed(Refusal),
    /// They have had as many as they may lately.
    #[error("too many downloads within an hour")]
    TooOften {
        /// When there may be another.
        retry_after: Duration,
    },
}

impl From<Refusal> for ExportError {
    fn from(refusal: Refusal) -> Self {
        Self::Failed(refusal)
    }
}

/// What is kept of a user. Instants are RFC 3339.
#[derive(Debug, Serialize)]
pub struct AccountExport {
    format: &'static str,
    issuer: String,
    exported_at: String,
    profile: Profile,
    memberships: Vec<Member>,
    consents: Vec<Allowed>,
    factors: Factors,
    sessions: Vec<SignedIn>,
    personal_access_tokens: Vec<Token>,
    /// Those that work of a developer's account; nobody else has any.
    account_secrets: Vec<AccountSecretOf>,
    events: Vec<Told>,
    /// Whether those are all that are kept.
    events_complete: bool,
}

#[derive(Debug, Serialize)]
struct Profile {
    id: String,
    username: String,
    email_verified_at: Option<String>,
    name: Option<String>,
    claims: Map<String, Value>,
    created_at: String,
}

#[derive(Debug, Serialize)]
struct Member {
    company: Named,
    roles: Vec<String>,
    since: String,
}

/// What has an id, and a name while it is there.
#[derive(Debug, Serialize)]
struct Named {
    id: String,
    name: Option<String>,
}

#[derive(Debug, Serialize)]
struct Allowed {
    application: Named,
    api: Option<Named>,
    company: Option<Named>,
    corporation: Option<Named>,
    scopes: Vec<String>,
    since: String,
    updated_at: String,
}

#[derive(Debug, Serialize)]
struct Factors {
    password: bool,
    authenticator_since: Option<String>,
    recovery_codes_left: i64,
    passkeys: Vec<PasskeyOf>,
}

#[derive(Debug, Serialize)]
struct PasskeyOf {
    name: String,
    created_at: String,
    last_used_at: Option<String>,
}

#[derive(Debug, Serialize)]
struct SignedIn {
    id: String,
    company_id: Option<String>,
    address: Option<String>,
    user_agent: String,
    methods: Vec<&'static str>,
    authenticated_at: String,
    created_at: String,
    last_seen_at: String,
    expires_at: String,
}

#[derive(Debug, Serialize)]
struct Token {
    name: String,
    note: String,
    company: Option<Named>,
    /// None: all.
    apis: Option<Vec<String>>,
    allowed_addresses: Vec<String>,
    last4: String,
    created_at: String,
    expires_at: String,
    revoked_at: Option<String>,
    #[serde(flatten)]
    last_use: LastUse,
}

#[derive(Debug, Serialize)]
struct AccountSecretOf {
    last4: String,
    created_at: String,
    works_until: Option<String>,
    revealed_at: Option<String>,
    #[serde(flatten)]
    last_use: LastUse,
}

#[derive(Debug, Serialize)]
struct LastUse {
    last_used_at: Option<String>,
    last_used_address: Option<String>,
    last_used_client: Option<String>,
}

impl LastUse {
    fn of(used: Option<tokenry_model::LastUse>) -> Self {
        let at = used.as_ref().map(|used| used.at.to_string());
        let (address, client) = used.map(|used| (used.address, used.client)).unwrap_or_default();
        Self { last_used_at: at, last_used_address: address, last_used_client: client }
    }
}

#[derive(Debug, Serialize)]
struct Told {
    at: String,
    event: &'static str,
    by: &'static str,
    address: Option<String>,
    browser: Option<String>,
    about: Option<String>,
    times: i64,
}

impl Engine {
    /// What is kept of whoever is signed in and has just shown that it is them. That it was taken is recorded first.
    ///
    /// # Errors
    /// When they have taken it too often lately, or storage fails.
    pub async fn export_account(
        &self,
        current: &FreshUser,
        context: &Context,
    ) -> Result<AccountExport, ExportError> {
        let user = current.user();
        let subject = Subject::User(user.id.clone());
        let record = context.record(Event::UserExported, Actor::User(user.id.clone()), Some(subject));
        let (most, within) = MOST;
        let since = context.now.minus(within);
        let recorded = self.store.record_export(&user.id, (most, since), &record).await;
        if let Exported::TooOften(first) = recorded.map_err(Refusal::from)? {
            return Err(ExportError::TooOften { retry_after: first.since(since) });
        }
        let events = self.account_events(&user.id, Timestamp::EPOCH, MAX_EVENTS + 1).await?;
        let events_complete = events.len() <= MAX_EVENTS;
        Ok(AccountExport {
            format: FORMAT,
            issuer: self.issuer().to_owned(),
            exported_at: context.now.to_string(),
            profile: profile(user),
            memberships: self.exported_memberships(user).await?,
            consents: self.exported_consents(user).await?,
            factors: self.exported_factors(user).await?,
            sessions: self.sessions_of(&user.id, context.now).await?.iter().map(signed_in).collect(),
            personal_access_tokens: self
                .pats_of(&user.id, context.now)
                .await?
                .into_iter()
                .map(token)
                .collect(),
            account_secrets: self.exported_account_secrets(user, context.now).await?,
            events: events.iter().take(MAX_EVENTS).map(told).collect(),
            events_complete,
        })
    }

    async fn exported_account_secrets(
        &self,
        user: &User,
        now: Timestamp,
    ) -> Result<Vec<AccountSecretOf>, Refusal> {
        let secret = self.account_secret_of(&user.id, now).await?;
        let values = secret.into_iter().flat_map(|secret| [secret.current, secret.former]).flatten();
        Ok(values.map(account_secret).collect())
    }

    async fn exported_memberships(&self, user: &User) -> Result<Vec<Member>, Refusal> {
        let mut members = Vec::new();
        for Membership { company_id, roles, created_at, .. } in self.store.list_memberships(&user.id).await? {
            let name = self.store.find_company(&company_id).await?.map(|company| company.name);
            let company = Named { id: company_id.to_string(), name };
            members.push(Member { company, roles, since: created_at.to_string() });
        }
        Ok(members)
    }

    async fn exported_consents(&self, user: &User) -> Result<Vec<Allowed>, Refusal> {
        let mut allowed = Vec::new();
        for consent in self.store.list_consents(&user.id).await? {
            allowed.push(self.exported_consent(&consent).await?);
        }
        Ok(allowed)
    }

    async fn exported_consent(&self, consent: &Consent) -> Result<Allowed, Refusal> {
        let client = self.store.find_client(&consent.client_id).await?;
        let application = Named { id: consent.client_id.to_string(), name: client.map(|client| client.name) };
        let api = match &consent.resource_server_id {
            None => None,
            Some(id) => {
                let api = self.store.find_resource_server(id).await?;
                // An API is known by its audience; its id is ours alone.
                let id = api.as_ref().map_or_else(|| id.to_string(), |api| api.audience.clone());
                Some(Named { id, name: api.map(|api| api.name) })
            }
        };
        let (mut company, mut corporation) = (None, None);
        if let Some(tenant) = &consent.tenant {
            let found = self.store.find_company(&tenant.company).await?;
            company = Some(Named { id: tenant.company.to_string(), name: found.map(|it| it.name) });
            if let Some(id) = &tenant.corporation {
                let found = self.store.find_corporation(id).await?;
                corporation = Some(Named { id: id.to_string(), name: found.map(|it| it.name) });
            }
        }
        Ok(Allowed {
            application,
            api,
            company,
            corporation,
            scopes: consent.scope.iter().map(|token| token.as_str().to_owned()).collect(),
            since: consent.created_at.to_string(),
            updated_at: consent.updated_at.to_string(),
        })
    }

    async fn exported_factors(&self, user: &User) -> Result<Factors, Refusal> {
        let seed = self.store.find_totp_seed(&user.id).await?;
        let passkeys = self.store.list_passkeys(&user.id).await?;
        Ok(Factors {
            password: self.store.find_password(&user.id).await?.is_some(),
            authenticator_since: seed.and_then(|seed| seed.confirmed_at).map(|at| at.to_string()),
            recovery_codes_left: self.store.count_recovery_codes(&user.id).await?,
            passkeys: passkeys
                .into_iter()
                .map(|passkey| PasskeyOf {
                    name: passkey.name,
                    created_at: passkey.created_at.to_string(),
                    last_used_at: passkey.last_used_at.map(|at| at.to_string()),
                })
                .collect(),
        })
    }
}

fn profile(user: &User) -> Profile {
    Profile {
        id: user.id.to_string(),
        username: user.username.clone(),
        email_verified_at: user.email_verified_at.map(|at| at.to_string()),
        name: user.name.clone(),
        claims: user.claims.clone(),
        created_at: user.created_at.to_string(),
    }
}

fn signed_in(session: &Session) -> SignedIn {
    SignedIn {
        id: session.id.to_string(),
        company_id: session.company_id.as_ref().map(ToString::to_string),
        address: session.address.clone(),
        user_agent: session.user_agent.clone(),
        methods: session.amr.iter().map(|method| method.as_str()).collect(),
        authenticated_at: session.auth_time.to_string(),
        created_at: session.created_at.to_string(),
        last_seen_at: session.last_seen_at.to_string(),
        expires_at: session.expires_at.to_string(),
    }
}

fn token(pat: OwnPat) -> Token {
    Token {
        name: pat.name,
        note: pat.note,
        company: pat.company.map(|(id, name)| Named { id: id.to_string(), name }),
        apis: pat.apis.map(|apis| apis.into_iter().map(|api| api.audience).collect()),
        allowed_addresses: pat.allowed_addresses,
        last4: pat.last4,
        created_at: pat.created_at.to_string(),
        expires_at: pat.expires_at.to_string(),
        revoked_at: match pat.state {
            PatState::Revoked { at } => Some(at.to_string()),
            PatState::Expired | PatState::Works => None,
        },
        last_use: LastUse::of(pat.last_use),
    }
}

fn account_secret(value: OwnSecretValue) -> AccountSecretOf {
    AccountSecretOf {
        last4: value.last4,
        created_at: value.created_at.to_string(),
        works_until: value.works_until.map(|until| until.to_string()),
        revealed_at: value.revealed_at.map(|at| at.to_string()),
        last_use: LastUse::of(value.last_use),
    }
}

fn told(event: &AccountEvent) -> Told {
    Told {
        at: event.at.to_string(),
        event: event.event.as_str(),
        by: match event.by {
            By::Anybody => "anybody",
            By::Operator => "operator",
            By::Owner => "owner",
        },
        address: event.address.clone(),
        browser: event.browser.clone(),
        about: event.about.clone(),
        times: event.times,
    }
}
