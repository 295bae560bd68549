//! Every statement of the store, for the test that prepares them all on both engines.

use crate::db::Sql;
use crate::{
    answered_requests, api_scopes, audit, audit_of_users, audit_seal, auth_failures, authorization_codes,
    backup, change_log, client_grants, client_secrets, client_standing, client_update, clients, companies,
    consent_scopes, consents, copy, corporations, departures, guard_events, guard_log, guard_streams,
    integrations, keyring, logout_outbox, mail_links, mail_outbox, memberships, meta, migrate, mint_leases,
    minted_tokens, opaque_tokens, passkeys, passwords, refresh_tokens, resource_server_secrets,
    resource_servers, restore, revoked_tokens, roles, second_factors, session_clients, session_keys,
    sessions, sign_ups, signing_keys, token_families, token_handles, used_assertions, user_reach, users,
};

/// The statements of each file.
pub const ALL: &[&[Sql]] = &[
    answered_requests::ALL,
    api_scopes::ALL,
    audit::ALL,
    audit_of_users::ALL,
    audit_seal::ALL,
    auth_failures::ALL,
    authorization_codes::ALL,
    backup::ALL,
    change_log::ALL,
    client_grants::ALL,
    client_secrets::ALL,
    client_standing::ALL,
    client_update::ALL,
    clients::ALL,
    companies::ALL,
    consent_scopes::ALL,
    consents::ALL,
    copy::ALL,
    corporations::ALL,
    departures::ALL,
    guard_events::ALL,
    guard_log::ALL,
    guard_streams::ALL,
    integrations::ALL,
    keyring::ALL,
    logout_outbox::ALL,
    mail_links::ALL,
    mail_outbox::ALL,
    memberships::ALL,
    meta::ALL,
    migrate::ALL,
    mint_leases::ALL,
    minted_tokens::ALL,
    opaque_tokens::ALL,
    passkeys::ALL,
    passwords::ALL,
    refresh_tokens::ALL,
    resource_server_secrets::ALL,
    resource_servers::ALL,
    restore::ALL,
    revoked_tokens::ALL,
    roles::ALL,
    second_factors::ALL,
    session_clients::ALL,
    session_keys::ALL,
    sessions::ALL,
    sign_ups::ALL,
    signing_keys::ALL,
    token_families::ALL,
    token_handles::ALL,
    used_assertions::ALL,
    user_reach::ALL,
    users::ALL,
];

/// Every statement.
pub fn all() -> impl Iterator<Item = Sql> {
    ALL.iter().copied().flatten().copied()
}
