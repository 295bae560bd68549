//! Every statement of the store, for the test that prepares them all on both engines.

use crate::db::Sql;
use crate::{
    audit, audit_seal, auth_failures, backup, change_log, client_grants, client_secrets, client_standing,
    clients, companies, copy, corporations, guard_events, guard_log, guard_streams, integrations, keyring,
    memberships, meta, migrate, mint_leases, minted_tokens, opaque_tokens, resource_server_secrets,
    resource_servers, restore, revoked_tokens, session_keys, signing_keys, token_handles, used_assertions,
    users,
};

/// The statements of each file.
pub const ALL: &[&[Sql]] = &[
    audit::ALL,
    audit_seal::ALL,
    auth_failures::ALL,
    backup::ALL,
    change_log::ALL,
    client_grants::ALL,
    client_secrets::ALL,
    client_standing::ALL,
    clients::ALL,
    companies::ALL,
    copy::ALL,
    corporations::ALL,
    guard_events::ALL,
    guard_log::ALL,
    guard_streams::ALL,
    integrations::ALL,
    keyring::ALL,
    memberships::ALL,
    meta::ALL,
    migrate::ALL,
    mint_leases::ALL,
    minted_tokens::ALL,
    opaque_tokens::ALL,
    resource_server_secrets::ALL,
    resource_servers::ALL,
    restore::ALL,
    revoked_tokens::ALL,
    session_keys::ALL,
    signing_keys::ALL,
    token_handles::ALL,
    used_assertions::ALL,
    users::ALL,
];

/// Every statement.
pub fn all() -> impl Iterator<Item = Sql> {
    ALL.iter().copied().flatten().copied()
}
