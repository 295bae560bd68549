//! The tables that are copied, each with its columns: one that is missing here would be lost on the way, and a test holds this
//! list against the schema.

use crate::db::{Sql, Value};

macro_rules! marks {
    (1) => {
        "$1"
    };
    (2) => {
        "$1, $2"
    };
    (3) => {
        "$1, $2, $3"
    };
    (4) => {
        concat!(marks!(3), ", $4")
    };
    (5) => {
        concat!(marks!(4), ", $5")
    };
    (6) => {
        concat!(marks!(5), ", $6")
    };
    (7) => {
        concat!(marks!(6), ", $7")
    };
    (8) => {
        concat!(marks!(7), ", $8")
    };
    (9) => {
        concat!(marks!(8), ", $9")
    };
    (10) => {
        concat!(marks!(9), ", $10")
    };
    (11) => {
        concat!(marks!(10), ", $11")
    };
    (13) => {
        concat!(marks!(11), ", $12, $13")
    };
    (14) => {
        concat!(marks!(13), ", $14")
    };
    (19) => {
        concat!(marks!(14), ", $15, $16, $17, $18, $19")
    };
    (22) => {
        concat!(marks!(19), ", $20, $21, $22")
    };
}

/// The bounds of a page: after the key of the row before, so many rows.
macro_rules! page {
    ($key:literal, 1) => {
        concat!(" WHERE ", $key, " > $1 ORDER BY ", $key, " LIMIT $2")
    };
    ($key:literal, 2) => {
        concat!(" WHERE (", $key, ") > ($1, $2) ORDER BY ", $key, " LIMIT $3")
    };
    ($key:literal, 3) => {
        concat!(" WHERE (", $key, ") > ($1, $2, $3) ORDER BY ", $key, " LIMIT $4")
    };
    ($key:literal, 5) => {
        concat!(" WHERE (", $key, ") > ($1, $2, $3, $4, $5) ORDER BY ", $key, " LIMIT $6")
    };
}

/// What comes before the first key, by its columns' types.
macro_rules! first {
    (blob) => {
        Value::Blob(Vec::new())
    };
    (int) => {
        Value::Int(i64::MIN)
    };
    (text) => {
        Value::Text(String::new())
    };
}

/// What both engines can prepare of what adds a row. Where PostgreSQL gives numbers out it takes none, and each engine has words
/// of its own.
macro_rules! common {
    ($table:ident) => {
        $table::ADD
    };
    ($table:ident numbered) => {
        $table::COUNT
    };
}

/// Tables: the key, its columns' types and number; the other columns; the number of all columns.
macro_rules! tables {
    ($($table:ident $key:literal [$($kind:ident)+ = $keys:tt] $others:literal $all:tt $($numbered:ident)?;)+) => {
        $(mod $table {
            crate::statements! {
                pub(super) PAGE = concat!(
                    "SELECT ", $key, $others, " FROM ", stringify!($table), page!($key, $keys)
                );
                pub(super) ADD = concat!(
                    "INSERT INTO ", stringify!($table), " (", $key, $others, ") VALUES (", marks!($all), ")"
                );
                pub(super) COUNT = concat!("SELECT count(*) FROM ", stringify!($table));
            }
            pub(super) const OWN: &[crate::db::Sql] = ALL;
        })+
        pub(crate) const ALL: &[Sql] = &[$($table::PAGE, $table::COUNT, common!($table $($numbered)?)),+];
        const _: &[&[Sql]] = &[$($table::OWN),+];
        /// Every table but `schema`, which each engine writes itself, in the order in which they refer to each other.
        pub(super) const TABLES: &[Table] = &[$(Table {
            name: stringify!($table),
            columns: concat!($key, $others),
            first: || vec![$(first!($kind)),+],
            page: $table::PAGE,
            add: $table::ADD,
            count: $table::COUNT,
        }),+];
    };
}

tables! {
    corporations "id" [text = 1] ", name, created_at" 3;
    companies "id" [text = 1] ", name, corporation_id, disabled_at, version, created_at" 6;
    users "id" [text = 1]
        ", username, disabled_at, delete_at, version, created_at, name, claims, email_verified_at, updated_at, developer_at" 11;
    memberships "user_id, company_id" [text text = 2] ", created_at" 3;
    membership_roles "user_id, company_id, role" [text text text = 3] "" 3;
    clients "id" [text = 1]
        ", name, kind, auth_method, company_id, corporation_id, error_style, first_party, require_pkce, redirect_uris, \
         post_logout_redirect_uris, backchannel_logout_uri, access_token_ttl, disabled_at, version, created_at, jwks, \
         jwks_uri, claims, tokens_per_hour, tokens_per_day, skip_consent" 22;
    client_secrets "id" [text = 1]
        ", client_id, digest, argon2id, label, last4, created_at, expires_at, revoked_at, last_used_at" 10;
    resource_servers "id" [text = 1]
        ", name, audience, scopes, access_token_ttl, signing_alg, dialect, token_format, tenanted, version, created_at" 11;
    resource_server_secrets "id" [text = 1]
        ", resource_server_id, digest, label, last4, created_at, expires_at, revoked_at, last_used_at" 9;
    client_grants "id" [text = 1] ", client_id, resource_server_id, scope, created_at" 5;
    roles "name" [text = 1] ", description, corporation_wide, created_at" 4;
    role_permissions "role, resource_server_id" [text text = 2] ", scope" 3;
    token_handles "handle" [text = 1] ", secret_id, client_grant_id, created_at, longest_ttl, company_id" 6;
    assertion_handles "handle" [text = 1] ", client_grant_id, company_id, longest_ttl, created_at" 5;
    used_assertions "client_id, jti_digest" [text blob = 2] ", expires_at" 3;
    integrations "id" [text = 1] ", name, client_id, created_at" 4;
    opaque_tokens "digest" [blob = 1]
        ", jti, client_id, resource_server_id, scope, company_id, corporation_id, issued_at, expires_at" 9;
    data_keys "id" [text = 1] ", wrapped, created_at" 3;
    keyring_check "id" [int = 1] ", value, data_key_id, created_at" 4;
    signing_keys "kid" [text = 1]
        ", algorithm, state, state_since, public_jwk, wrapped_private, data_key_id, created_at, verifies_until" 9;
    passwords "user_id" [text = 1] ", hash, chosen_at" 3;
    totp_seeds "user_id" [text = 1] ", wrapped_seed, data_key_id, last_step, created_at, confirmed_at, wrong_codes, forgiven_at" 8;
    recovery_codes "user_id, digest" [text blob = 2] ", used_at" 3;
    themes "id" [text = 1] ", name, accent, accent_dark, logo_name, logo, updated_at" 7;
    passkeys "id" [text = 1] ", credential_id, user_id, name, credential, created_at, last_used_at" 7;
    address_changes "id" [text = 1]
        ", user_id, old_address, new_address, allow_digest, claim_digest, undo_digest, created_at, expires_at, allowed_at, \
         claimed_at, done_at, ended_at" 13;
    known_devices "user_id, digest" [text blob = 2] ", created_at, last_seen_at" 4;
    mail_links "digest" [blob = 1] ", user_id, purpose, created_at, expires_at, used_at" 6;
    mail_outbox "id" [text = 1]
        ", recipient, subject, wrapped, data_key_id, created_at, attempts, due_at, lease_until, sent_at" 10;
    session_keys "kid" [text = 1] ", wrapped, data_key_id, created_at, retired_at" 5;
    sessions "id" [text = 1]
        ", digest, user_id, company_id, auth_time, amr, address, user_agent, created_at, last_seen_at, expires_at" 11;
    session_handles "handle" [text = 1]
        ", session_id, user_id, resource_server_id, company_id, created_at, expires_at" 7;
    session_clients "session_id, client_id" [text text = 2] ", user_id, signed_in_at" 4;
    logout_outbox "session_id, client_id" [text text = 2]
        ", user_id, created_at, attempts, due_at, lease_until, last_answer, outcome, ended_at" 10;
    consents "user_id, client_id, resource_server_id, company_id, corporation_id" [text text text text text = 5]
        ", scope, created_at, updated_at" 8;
    token_families "handle" [text = 1]
        ", client_id, user_id, session_id, resource_server_id, company_id, corporation_id, scope, auth_time, amr, \
         claims_request, longest_ttl, created_at, expires_at" 14;
    authorization_codes "digest" [blob = 1]
        ", handle, redirect_uri, code_challenge, nonce, created_at, expires_at, redeemed_at" 8;
    answered_requests "id" [text = 1] ", expires_at" 2;
    refresh_tokens "digest" [blob = 1]
        ", handle, created_at, expires_at, spent_at, successor_digest, successor_sealed, repeats" 8;
    revoked_tokens "jti" [text = 1] ", resource_server_id, client_id, expires_at, revoked_at" 5;
    pats "id" [text = 1]
        ", user_id, company_id, name, note, all_apis, allowed_addresses, value_ttl, created_at, ends_at, revoked_at" 11;
    pat_apis "pat_id, resource_server_id" [text text = 2] ", scope" 3;
    pat_values "digest" [blob = 1]
        ", pat_id, jti, last4, created_at, expires_at, superseded_at, warned_days, last_used_at, last_used_address, \
         last_used_client" 11;
    account_secrets "id" [text = 1]
        ", user_id, digest, wrapped, data_key_id, jti, last4, created_at, superseded_at, expires_at, revealed_at, \
         last_used_at, last_used_address, last_used_client" 14;
    leaks "id" [text = 1] ", kind, last4, client_id, user_id, revoked, reported_at, told_at" 8;
    guard_events "id" [int = 1]
        ", resource_server_id, seq, kind, value, corporation_id, client_id, created_at, expires_at" 9 numbered;
    guard_counters "resource_server_id" [text = 1] ", seq" 2;
    guard_streams "resource_server_id, guard" [text text = 2] ", stream, acked, opened_at, seen_at, ended_at" 7;
    auth_failures "pair_digest" [blob = 1] ", began_at, failures, written_at" 4;
    meta "name" [text = 1] ", value" 2;
    change_log "seq" [int = 1] ", entity, entity_id, at" 4;
    change_counter "id" [int = 1] ", seq" 2;
    audit "seq" [int = 1]
        ", at, event, actor_kind, actor_id, subject_kind, subject_id, company_id, address, request_id, outcome, detail, \
         count, content_hash" 14 numbered;
    audit_checkpoints "id" [int = 1]
        ", sealed_at, rows_sealed, through_seq, marks, rows_hash, previous_hash, kid, signature" 9;
    mint_leases "client_id, period" [text text = 2] ", began_at, leased, block" 5;
    audit_keys "kid" [text = 1] ", wrapped_private, data_key_id, created_at" 4;
    audit_removal "id" [int = 1] ", checkpoint_id, removed_at, kid, signature" 5;
}

/// One table.
pub(super) struct Table {
    pub(super) name: &'static str,
    /// The key's columns first.
    pub(super) columns: &'static str,
    /// What comes before the first key.
    pub(super) first: fn() -> Vec<Value>,
    pub(super) page: Sql,
    pub(super) add: Sql,
    pub(super) count: Sql,
}
