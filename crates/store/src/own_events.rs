//! What guards must learn of the credentials of users' own: that one is dead, and that what users may do is another thing now.
//!
//! Guards remember what a credential opens for a minute at the most, and whoever takes a snapshot has forgotten all of it, so none
//! of this is told for longer than it takes to bridge a short break. Nobody is told where
//! nobody has such a credential that lives.

use tokenry_clock::Timestamp;
use tokenry_model::RevokedKind;

use crate::db::{Sql, Tx};
use crate::error::Result;
use crate::guard_events::{Announced, BRIDGE_LIFE, HANDLE_SLACK};
use crate::{params, statements};

pub(crate) const SUBJECT_CHANGED: &str = "subject_changed";

/// To every API, if somebody whose credential lives, or whose session was used at one, is among `$whose`. $1: who. $2: the kind. $3: now. $4: until when. $5: the
/// subject; empty: whoever it is.
macro_rules! announce_change {
    ($which:literal, $whose:literal) => {
        concat!(
            "INSERT INTO guard_events (resource_server_id, kind, value, created_at, expires_at) \
             SELECT r.id, $2, $5, CAST($3 AS BIGINT), $4 FROM resource_servers r WHERE ",
            $which,
            " AND (EXISTS (SELECT 1 FROM pats p JOIN pat_values v ON v.pat_id = p.id \
             WHERE p.revoked_at IS NULL AND v.expires_at > CAST($3 AS BIGINT)",
            $whose,
            ") OR EXISTS (SELECT 1 FROM account_secrets p \
             WHERE (p.expires_at IS NULL OR p.expires_at > CAST($3 AS BIGINT))",
            $whose,
            ") OR EXISTS (SELECT 1 FROM session_handles p WHERE p.expires_at > CAST($3 AS BIGINT)",
            $whose,
            ")) ORDER BY r.id RETURNING resource_server_id, id"
        )
    };
}

/// A value that has died, to the APIs that its token is for. $1: which token. $2: the kind. $3: the handle. $4: now. $5: until
/// when.
macro_rules! announce_value {
    () => {
        "INSERT INTO guard_events (resource_server_id, kind, value, created_at, expires_at) \
         SELECT r.id, $2, $3, $4, $5 FROM resource_servers r \
         WHERE EXISTS (SELECT 1 FROM pats p WHERE p.id = $1 AND p.all_apis = 1) \
         OR EXISTS (SELECT 1 FROM pat_apis a WHERE a.pat_id = $1 AND a.resource_server_id = r.id) \
         ORDER BY r.id RETURNING resource_server_id, id"
    };
}

statements! {
    pub(crate) ANNOUNCE_SUBJECT = announce_change!("1 = 1", " AND p.user_id = $1");
    pub(crate) ANNOUNCE_ANYBODY = announce_change!("$1 = ''", "");
    pub(crate) ANNOUNCE_SUBJECTS_OF_API = announce_change!("r.id = $1", "");
    pub(crate) ANNOUNCE_SUBJECTS_OF_COMPANY = announce_change!(
        "1 = 1",
        " AND p.user_id IN (SELECT m.user_id FROM memberships m WHERE m.company_id = $1)"
    );
    /// Whoever's session it is, to the APIs at which it was used.
    pub(crate) ANNOUNCE_SUBJECT_OF_SESSION =
        "INSERT INTO guard_events (resource_server_id, kind, value, created_at, expires_at) \
         SELECT DISTINCT h.resource_server_id, $2, h.user_id, CAST($3 AS BIGINT), CAST($4 AS BIGINT) \
         FROM session_handles h WHERE h.session_id = $1 RETURNING resource_server_id, id";
    pub(crate) ANNOUNCE_SUBJECTS_OF_ROLE = announce_change!(
        "1 = 1",
        " AND p.user_id IN (SELECT m.user_id FROM membership_roles m WHERE m.role = $1)"
    );
    pub(crate) ANNOUNCE_PAT_VALUE = announce_value!();
    /// An account secret that has died, to every API: any may have a route that takes it.
    pub(crate) ANNOUNCE_ACCOUNT_SECRET =
        "INSERT INTO guard_events (resource_server_id, kind, value, created_at, expires_at) \
         SELECT r.id, $1, $2, $3, $4 FROM resource_servers r ORDER BY r.id RETURNING resource_server_id, id";
}

/// Whose right to act, or what they may do, is another thing now.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Subjects<'a> {
    /// Whoever it is.
    Anybody,
    /// Whoever uses this API.
    OfApi(&'a str),
    /// The members of this company.
    OfCompany(&'a str),
    /// Who has this role somewhere.
    OfRole(&'a str),
    /// Whoever's session this is.
    Session(&'a str),
    /// This user.
    User(&'a str),
}

/// Announces that what users may do by credentials of their own may be another thing now. Whoever removes what tells who they
/// are says so before.
pub(crate) async fn announce_subjects(
    tx: &mut Tx<'_>,
    subjects: Subjects<'_>,
    now: Timestamp,
) -> Result<Announced> {
    let (sql, whose, subject): (Sql, _, _) = match subjects {
        Subjects::Anybody => (ANNOUNCE_ANYBODY, "", ""),
        Subjects::OfApi(api) => (ANNOUNCE_SUBJECTS_OF_API, api, ""),
        Subjects::OfCompany(company) => (ANNOUNCE_SUBJECTS_OF_COMPANY, company, ""),
        Subjects::OfRole(role) => (ANNOUNCE_SUBJECTS_OF_ROLE, role, ""),
        Subjects::Session(session) => {
            let values = params![session, SUBJECT_CHANGED, now, now.plus(BRIDGE_LIFE)];
            return Announced::read(&tx.rows(ANNOUNCE_SUBJECT_OF_SESSION, &values).await?);
        }
        Subjects::User(user) => (ANNOUNCE_SUBJECT, user, user),
    };
    let values = params![whose, SUBJECT_CHANGED, now, now.plus(BRIDGE_LIFE), subject];
    Announced::read(&tx.rows(sql, &values).await?)
}

/// Announces that a value of a personal access token is dead, which `expires_at` would have ended.
pub(crate) async fn announce_value(
    tx: &mut Tx<'_>,
    pat: &str,
    (handle, expires_at): (&str, Timestamp),
    now: Timestamp,
) -> Result<Announced> {
    let until = expires_at.min(now.plus(BRIDGE_LIFE)).plus(HANDLE_SLACK);
    let values = params![pat, RevokedKind::Handle.as_str(), handle, now, until];
    Announced::read(&tx.rows(ANNOUNCE_PAT_VALUE, &values).await?)
}

/// Announces that an account secret is dead, which `expires_at` would have ended, if anything.
pub(crate) async fn announce_account_secret(
    tx: &mut Tx<'_>,
    (handle, expires_at): (&str, Option<Timestamp>),
    now: Timestamp,
) -> Result<Announced> {
    let longest = now.plus(BRIDGE_LIFE);
    let until = expires_at.map_or(longest, |at| at.min(longest)).plus(HANDLE_SLACK);
    let values = params![RevokedKind::Handle.as_str(), handle, now, until];
    Announced::read(&tx.rows(ANNOUNCE_ACCOUNT_SECRET, &values).await?)
}
