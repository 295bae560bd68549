//! Things to store: each valid, each as plain as its kind allows.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_jose::{Algorithm, JwkSet};
use tokenry_model::{
    AccountSecret, Actor, AuditRemoval, AuthMethod, Checkpoint, Client, ClientGrant, ClientGrantId, ClientId,
    ClientSecret, ClientType, Company, CompanyId, Corporation, CorporationId, Digest, Event, Integration,
    IntegrationId, KeyState, Membership, OpaqueToken, OutboxMail, Pat, PatId, PatReach, PatValue, Record,
    ResourceServer, ResourceServerId, ResourceServerSecret, Role, ScopeDefinition, SealedSecret, SecretId,
    SecretVerifier, SeqRanges, Session, SessionId, SigningKeyRecord, TenantBinding, TokenFormat, User,
    UserId, UserState,
};
use tokenry_protocol::dialect::Dialect;
use tokenry_protocol::scope::{Scope, ScopeToken};
use tokenry_store::{
    AuditKeyRow, BeginSession, CredentialChange, GuardStream, Leave, OwnChange, PasskeyRow, PendingRequest,
    RenewSession, RevokedToken, Rotation, SessionCap, SessionKeyRow, SessionView,
};

pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_763_700_000);

/// How long the tokens of tests live.
pub(crate) const HOUR: Duration = Duration::from_secs(3_600);

pub(crate) fn later(secs: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(secs))
}

pub(crate) fn client_id(id: &str) -> ClientId {
    ClientId::parse(id).unwrap()
}

pub(crate) fn company_id(id: &str) -> CompanyId {
    CompanyId::parse(id).unwrap()
}

pub(crate) fn corporation_id(id: &str) -> CorporationId {
    CorporationId::parse(id).unwrap()
}

pub(crate) fn api_id(id: &str) -> ResourceServerId {
    ResourceServerId::parse(id).unwrap()
}

pub(crate) fn secret_id(id: &str) -> SecretId {
    SecretId::parse(id).unwrap()
}

pub(crate) fn grant_id(id: &str) -> ClientGrantId {
    ClientGrantId::parse(id).unwrap()
}

pub(crate) fn integration_id(id: &str) -> IntegrationId {
    IntegrationId::parse(id).unwrap()
}

pub(crate) fn user_id(id: &str) -> UserId {
    UserId::parse(id).unwrap()
}

/// A record by which a test finds out whether its verb wrote one.
pub(crate) fn record(event: Event) -> Record {
    Record::new(NOW, event, Actor::Operator, None)
}

/// What a user of that version changes about how they sign in.
pub(crate) fn own_change(user: &str, seen: i64, event: Event) -> OwnChange {
    let mail = OutboxMail {
        id: format!("{user} {seen} {event}"),
        subject: "Something was changed".to_owned(),
        wrapped: vec![7; 40],
        data_key_id: "dk".to_owned(),
        created_at: NOW,
    };
    OwnChange { user_id: user_id(user), seen, now: NOW, record: record(event), mail }
}

/// A passkey whose id, and name for its authenticator, is `id`.
pub(crate) fn passkey(user: &str, id: &str) -> PasskeyRow {
    PasskeyRow {
        id: id.to_owned(),
        credential_id: id.as_bytes().to_vec(),
        user_id: user_id(user),
        name: "Phone".to_owned(),
        credential: "{}".to_owned(),
        created_at: NOW,
        last_used_at: None,
    }
}

/// A challenge that can be answered for a minute.
pub(crate) fn asked(id: &str) -> PendingRequest {
    PendingRequest { id: id.to_owned(), ends_at: later(60) }
}

/// A personal access token for everything, which lives an hour.
pub(crate) fn pat(id: &str, user: &str) -> Pat {
    Pat {
        id: pat_id(id),
        user_id: user_id(user),
        company_id: None,
        name: "CI".to_owned(),
        note: String::new(),
        reach: PatReach::Everything,
        allowed_addresses: Vec::new(),
        lifetime: HOUR,
        created_at: NOW,
        ends_at: NOW.plus(HOUR),
        revoked_at: None,
    }
}

pub(crate) fn pat_id(id: &str) -> PatId {
    PatId::parse(id).unwrap()
}

/// A value of a token, made at `at`, which lives an hour; digest and `jti` follow from its name, of at most eleven characters.
pub(crate) fn pat_value(name: &str, pat: &str, at: Timestamp) -> PatValue {
    PatValue {
        digest: digest(name),
        pat_id: pat_id(pat),
        jti: format!("{name:x<11}{}", "j".repeat(21)),
        last4: "abcd".to_owned(),
        created_at: at,
        expires_at: at.plus(HOUR),
        superseded_at: None,
        last_use: None,
    }
}

/// What is recorded of a change to a token or an account secret, of which nobody is told.
pub(crate) fn credential_change(event: Event, now: Timestamp) -> CredentialChange {
    CredentialChange::new(now, vec![record(event)], None)
}

/// A secret, made at `at`; id, digest and `jti` follow from its name, of at most eleven characters.
pub(crate) fn account_secret(name: &str, user: &str, at: Timestamp) -> AccountSecret {
    let sealed = SealedSecret { wrapped: name.as_bytes().to_vec(), data_key_id: "dk".to_owned() };
    AccountSecret {
        id: secret_id(name),
        user_id: user_id(user),
        digest: digest(name),
        sealed: Some(sealed),
        jti: format!("{name:x<11}{}", "j".repeat(21)),
        last4: "abcd".to_owned(),
        created_at: at,
        superseded_at: None,
        expires_at: None,
        revealed_at: None,
        last_use: None,
    }
}

pub(crate) fn session_id(id: &str) -> SessionId {
    SessionId::parse(id).unwrap()
}

/// A session whose cookie has the digest of its id.
pub(crate) fn session(id: &str, user: &str) -> Session {
    Session {
        id: session_id(id),
        digest: digest(id),
        user_id: user_id(user),
        company_id: None,
        auth_time: NOW,
        amr: vec![AuthMethod::Password],
        address: Some("192.0.2.1".to_owned()),
        user_agent: "Browser".to_owned(),
        created_at: NOW,
        last_seen_at: NOW,
        expires_at: later(3_600),
    }
}

/// A session that begins for a user of that version, who may have a hundred.
pub(crate) fn beginning(session: Session, user_version: i64) -> BeginSession {
    let epoch = Timestamp::EPOCH;
    let ended = record(Event::SessionEnded);
    let cap = SessionCap { most: 100, used_since: epoch, begun_since: epoch, ended };
    BeginSession { session, user_version, replaced: None, device: None, cap }
}

/// Gives [`session`] another cookie.
pub(crate) fn renew(id: &str) -> RenewSession {
    RenewSession {
        id: session_id(id),
        before: digest(id),
        digest: digest(&format!("{id} renewed")),
        auth_time: later(60),
        amr: vec![AuthMethod::Password, AuthMethod::OneTimePassword, AuthMethod::Multi],
        user_version: 1,
        device: None,
    }
}

/// What a decision about a session at the API `timesheets` was made on; the company, where there is one, as it was made.
pub(crate) fn session_view(id: &str, user_version: i64, company: Option<&str>) -> SessionView {
    SessionView {
        session: session_id(id),
        digest: digest(id),
        user_version,
        resource_server: (api_id("timesheets"), 1),
        company: company.map(|id| (company_id(id), 1)),
    }
}

pub(crate) fn session_key(kid: &str) -> SessionKeyRow {
    let data_key_id = "dk".to_owned();
    SessionKeyRow { kid: kid.to_owned(), wrapped: vec![1], data_key_id, created_at: NOW, retired_at: None }
}

pub(crate) fn corporation(id: &str) -> Corporation {
    Corporation { id: corporation_id(id), name: format!("{id} Group"), created_at: NOW }
}

pub(crate) fn company(id: &str) -> Company {
    let name = format!("{id} Ltd");
    Company { id: company_id(id), name, corporation_id: None, disabled_at: None, version: 1, created_at: NOW }
}

pub(crate) fn company_of(id: &str, corporation: &str) -> Company {
    Company { corporation_id: Some(corporation_id(corporation)), ..company(id) }
}

pub(crate) fn user(id: &str) -> User {
    let username = format!("{id}@acme.example");
    User {
        id: user_id(id),
        username,
        email_verified_at: Some(NOW),
        name: None,
        claims: serde_json::Map::new(),
        state: UserState::Enabled,
        version: 1,
        created_at: NOW,
        updated_at: NOW,
    }
}

pub(crate) fn role(name: &str) -> Role {
    let (description, permissions) = (format!("The {name}"), Vec::new());
    Role { name: name.to_owned(), description, corporation_wide: false, permissions, created_at: NOW }
}

pub(crate) fn membership(user: &str, company: &str, roles: &[&str]) -> Membership {
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    Membership { user_id: user_id(user), company_id: company_id(company), roles, created_at: NOW }
}

pub(crate) fn client(id: &str) -> Client {
    Client { name: format!("The {id}"), ..Client::new(ClientType::M2m, client_id(id), NOW) }
}

/// The key of RFC 8037 A.2, as a client's own.
pub(crate) fn public_keys() -> JwkSet {
    let set = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"one","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
    JwkSet::parse(set.as_bytes()).unwrap()
}

/// An integration called as its client is.
pub(crate) fn integration(id: &str, client: &str) -> Integration {
    let name = format!("The {client}");
    Integration { id: integration_id(id), name, client_id: client_id(client), created_at: NOW }
}

pub(crate) fn client_of(id: &str, company: &str) -> Client {
    Client { binding: TenantBinding::Company(company_id(company)), ..client(id) }
}

/// A `jti` under the handle of the seeded secret and grant.
pub(crate) const JTI: &str = "0123456789Aabcdefghijklmnopqrstu";

pub(crate) fn opaque_token(id: &str) -> OpaqueToken {
    let unique = &tokenry_jose::base64url::encode(digest(id).as_bytes()).replace(['-', '_'], "x")[..21];
    OpaqueToken {
        digest: digest(id),
        jti: format!("0123456789A{unique}"),
        client_id: client_id("cron"),
        resource_server_id: api_id("timesheets"),
        scope: Scope::parse("read:timesheets").unwrap(),
        tenant: None,
        issued_at: NOW,
        expires_at: later(60),
    }
}

pub(crate) fn revoked_token(jti: &str, expires_at: Timestamp) -> RevokedToken {
    RevokedToken {
        jti: jti.to_owned(),
        resource_server_id: api_id("timesheets"),
        client_id: client_id("cron"),
        expires_at,
        revoked_at: NOW,
    }
}

/// A connection of a guard of the API `timesheets`.
pub(crate) fn guard_stream(guard: &str, stream: &str, after: i64) -> GuardStream {
    GuardStream {
        resource_server_id: api_id("timesheets"),
        guard: guard.to_owned(),
        stream: stream.to_owned(),
        after,
    }
}

/// A client's secret; its digest follows from its id.
pub(crate) fn secret(id: &str, client: &str) -> ClientSecret {
    ClientSecret {
        id: secret_id(id),
        client_id: client_id(client),
        verifier: SecretVerifier::Digest(digest(id)),
        label: format!("label of {id}"),
        last4: "wXyZ".to_owned(),
        created_at: NOW,
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
    }
}

pub(crate) fn digest(text: &str) -> Digest {
    Digest::from_bytes(tokenry_jose::sha256(text.as_bytes()))
}

pub(crate) fn api(id: &str) -> ResourceServer {
    let scopes =
        ["read:timesheets", "create:timesheets", "approve:timesheets"].map(|token| ScopeDefinition {
            token: ScopeToken::parse(token).unwrap(),
            description: format!("May {token}, \"quoted\""),
        });
    ResourceServer {
        id: api_id(id),
        name: format!("The {id} API"),
        audience: format!("https://{id}.example.com"),
        scopes: scopes.into(),
        access_token_ttl: None,
        signing_alg: None,
        dialect: Dialect::Rfc,
        token_format: TokenFormat::Jwt,
        tenanted: true,
        version: 1,
        created_at: NOW,
    }
}

pub(crate) fn api_secret(id: &str, api: &str) -> ResourceServerSecret {
    ResourceServerSecret {
        id: secret_id(id),
        resource_server_id: api_id(api),
        digest: digest(id),
        label: format!("label of {id}"),
        last4: "wXyZ".to_owned(),
        created_at: NOW,
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
    }
}

pub(crate) fn grant(id: &str, client: &str, api: &str) -> ClientGrant {
    ClientGrant {
        id: grant_id(id),
        client_id: client_id(client),
        resource_server_id: api_id(api),
        scope: Scope::parse("read:timesheets create:timesheets").unwrap(),
        created_at: NOW,
    }
}

pub(crate) fn signing_key(kid: &str, algorithm: Algorithm, state: KeyState) -> SigningKeyRecord {
    SigningKeyRecord {
        kid: kid.to_owned(),
        algorithm,
        state,
        public_jwk: format!(r#"{{"kid":"{kid}"}}"#),
        wrapped_private: vec![0, 1, 254, 255],
        data_key_id: "dk".to_owned(),
        created_at: NOW,
    }
}

pub(crate) fn rotation(retire: &str, activate: &str, next: &str, leave: Leave) -> Rotation {
    Rotation {
        retire: retire.to_owned(),
        activate: activate.to_owned(),
        next: signing_key(next, Algorithm::Es256, KeyState::Pending),
        since: later(60),
        leave,
    }
}

pub(crate) fn audit_key(kid: &str) -> AuditKeyRow {
    let (kid, data_key_id) = (kid.to_owned(), "dk".to_owned());
    AuditKeyRow { kid, wrapped_private: vec![1], data_key_id, created_at: NOW }
}

pub(crate) fn checkpoint(id: i64, rows: &str) -> Checkpoint {
    let rows = SeqRanges::parse(rows).unwrap();
    Checkpoint {
        id,
        sealed_at: NOW,
        through_seq: rows.ranges().last().unwrap().1,
        rows,
        marks_hash: tokenry_jose::sha256(&[0; 16]),
        rows_hash: [1; 32],
        previous_hash: [2; 32],
        kid: "a1".to_owned(),
        signature: vec![3; 64],
    }
}

pub(crate) fn audit_removal(checkpoint_id: i64) -> AuditRemoval {
    AuditRemoval { checkpoint_id, removed_at: NOW, kid: "a1".to_owned(), signature: vec![3; 64] }
}
